/** Every sentence of the planner, made from facts in one place. */
import { formatBytes, REASONS, type Reason } from '@orc/schemas'
import type { ObservedRun, Requests, RunEnd } from '../runtime/runtime.ts'
import { taskName } from './tasks.ts'
import type { DependencyFact, Shortage } from './world.ts'

const SIGNAL_NAMES: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
}

/** The two largest units: `40 s`, `25 min`, `1 h 6 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${String(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${String(minutes)} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return join(hours, 'h', minutes % 60, 'min')
  return join(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${String(large)} ${largeUnit}` : `${String(large)} ${largeUnit} ${String(small)} ${smallUnit}`
}

export function endSentence(end: RunEnd): string {
  return howItEnded(end, ` after ${duration(end.lifetimeMs)}`)
}

/** The same without the time that it took, which differs each time. */
export function endFact(end: RunEnd): string {
  return howItEnded(end, '')
}

function howItEnded(end: RunEnd, after: string): string {
  if (end.reason === 'HostReboot') return 'The host was restarted.'
  if (end.reason === 'Cancelled') return 'The start was called off before the process ran.'
  if (end.reason === 'OOMKilled') return `The kernel ended the process${after}: it reached its memory limit.`
  if (end.exitCode < 0) return `The process is gone${after} and nobody saw how it ended.`
  if (end.signal !== undefined)
    return `The process was ended by ${SIGNAL_NAMES[end.signal] ?? `signal ${String(end.signal)}`}${after}.`
  return `The process exited with code ${String(end.exitCode)}${after}${meaningOf(end.exitCode)}.`
}

function meaningOf(exitCode: number): string {
  if (exitCode === 126) return ' (the program could not be executed)'
  if (exitCode === 127) return ' (the program was not found)'
  return ''
}

export function lastWords(end: RunEnd): string {
  const line = end.message?.split('\n').at(-1)
  return line === undefined || line === '' ? '' : ` Its last line: "${line}".`
}

/** All of the last lines that are kept. */
function lastLines(end: RunEnd): string {
  const lines = end.message?.split('\n') ?? []
  return lines.length > 1 ? ` Its last lines:\n${lines.join('\n')}` : lastWords(end)
}

export function initRunsSentence(name: string): string {
  return `The init command ${name} runs; the process is started after it.`
}

/** Says no time: the same again is to be the same words. */
export function taskFailedSentence({ ref, end }: ObservedRun): string {
  if (end === undefined) return `The ${taskName(ref)} did not end in its time.`
  const how = end.reason === 'DeadlineExceeded' ? 'It did not end in its time.' : endFact(end)
  return `The ${taskName(ref)} failed. ${how}${lastLines(end)}`
}

export function taskDoneSentence({ ref }: ObservedRun): string {
  return `The ${taskName(ref)} has ended well.`
}

/** Says no time: what is counted down is old once it is written. `nextRetryTime` says when. */
export function backoffSentence(last: ObservedRun, attempt: number): string {
  const ended = last.end === undefined ? '' : `${endSentence(last.end)}${lastWords(last.end)} `
  return `${ended}Restart ${String(attempt)} waits for its backoff.`
}

export function startedSentence(restartCount: number): string {
  return restartCount === 0 ? 'The process was started.' : 'The process was started again.'
}

/** `why` where there is more to say than the reason does. */
export function stopSentence(reason: Reason, signal: string, why: string | undefined): string {
  return `${why === undefined || why === '' ? REASONS[reason] : why} The process is asked to end (${signal}).`
}

export function reloadedSentence(signal: string): string {
  return `${signal} was sent: a ConfigMap or Secret of the service has changed.`
}

export function unhandledSentence(signal: string): string {
  return `A ConfigMap or Secret of the service has changed, but the process does not handle ${signal}, which would end it. It is sent once the process does.`
}

export function memoryLimitSentence(limitBytes: number): string {
  return `The processes used more memory than the limit of ${formatBytes(limitBytes)}.`
}

export function cpuLimitSentence(limitCores: number): string {
  return `The processes use more CPU time than the limit of ${String(limitCores)} cores.`
}

export const OOM_OF_DESCENDANT =
  'While it ran, the kernel ended a process that the service had started: together they reached the memory limit.'

export function killSentence(grace: string): string {
  return `The process did not end within ${grace} of being asked; SIGKILL is sent.`
}

export const PRE_STOP = 'The preStop command runs; the stop signal follows.'

export function stoppingSentence(signal: string, leftMs: number): string {
  return leftMs > 0
    ? `${signal} sent; SIGKILL follows in ${duration(leftMs)}.`
    : 'SIGKILL sent; waiting for the process to be gone.'
}

export function stoppedSentence(reason: string | undefined, until: string | undefined): string {
  const why = reason === undefined ? 'Stopped on purpose' : `Stopped: ${reason}`
  return `${why.replace(/\.$/, '')}${until === undefined ? '' : ` (until ${until})`}.`
}

export function unkillableSentence(sinceMs: number): string {
  return `The process does not end though SIGKILL was sent ${duration(sinceMs)} ago; no second copy is started.`
}

export function leftoversSentence(sinceMs: number): string {
  return `The process ended ${duration(sinceMs)} ago, but processes that it left behind do not end though SIGKILL was sent; no second copy is started.`
}

export function lateRolloutSentence(deadlineSeconds: number, updated: number, wanted: number): string {
  return `Nothing moved for ${duration(deadlineSeconds * 1000)} (progressDeadlineSeconds): ${String(updated)} of ${String(wanted)} replicas are available.`
}

export function failedStartSentence(message: string): string {
  return `A replica cannot be started: ${message}`
}

export function rollingOutSentence(updated: number, wanted: number): string {
  return `${String(updated)} of ${String(wanted)} replicas are of the new revision and available.`
}

export function pausedSentence(): string {
  return 'The rollout is paused (updateStrategy.paused): replicas of the old revision stay.'
}

export function dependencySentence({ name, condition, unmet = '' }: DependencyFact): string {
  const wanted = { Ready: 'to be ready', Started: 'to be started', Completed: 'to complete' }[condition]
  return `Waits for the service ${name} ${wanted}: ${unmet}.`
}

export function dependentsSentence(names: readonly string[]): string {
  return `Waits until what depends on it has ended: ${names.join(', ')}.`
}

/** Says of each resource that is asked for what is missing; `500m and 1Gi`. */
export function shortageSentence({ needs, free, host, type, first }: Shortage): string {
  const asked = (['cpuMillis', 'memoryBytes'] as const).filter((resource) => needs[resource] > 0)
  const of = (amounts: Requests): string =>
    asked
      .map((resource) =>
        resource === 'cpuMillis' ? formatMillis(amounts.cpuMillis) : formatBytes(amounts.memoryBytes),
      )
      .join(' and ')
  const named = asked.map((resource) =>
    resource === 'cpuMillis' ? `${formatMillis(needs.cpuMillis)} CPU` : `${formatBytes(needs.memoryBytes)} memory`,
  )
  const kept = ` (orc keeps ${of(host.kept)})`
  const wish = `Needs ${named.join(' and ')}`
  if (type === 'Never') return `Can never fit. ${wish}; services may have ${of(host.allocatable)}${kept}.`
  const turn = first === undefined ? '' : ` Waits for its turn after ${first}.`
  return `${wish}; ${of(free)} ${asked.length > 1 ? 'are' : 'is'} free of ${of(host.allocatable)}${kept}.${turn}`
}

/** A rollout that waits for room. */
export function roomForRolloutSentence(shortage: Shortage): string {
  return `Waits for room before a replica is replaced. ${shortageSentence(shortage)}`
}

/** As Kubernetes writes cores: `500m`, `2`, `1500m`. */
function formatMillis(millis: number): string {
  return millis % 1000 === 0 ? String(millis / 1000) : `${String(millis)}m`
}
