/** Starts and ends of processes, as rows between the lines of their logs. Pure. */
import type { ContainerState, Pod, Reason, Terminated } from '@orc/schemas'
import { formatDuration } from '../format.ts'
import type { StateIcon } from '../present.ts'
import { timeOf } from '../replica-view.ts'

export interface Mark {
  /** The same for the same event, however often it is told. */
  readonly key: string
  readonly title: string
  readonly facts: string
  readonly tone: 'bad' | 'busy' | 'off'
  readonly icon: StateIcon | 'play'
}

export interface TimedMark {
  readonly atMs: number
  readonly mark: Mark
}

const MEMORY: ReadonlySet<Reason> = new Set(['OOMKilled', 'MemoryLimitExceeded'])
/** What nobody asked for. */
const BAD: ReadonlySet<Reason> = new Set([
  ...MEMORY,
  'Exited',
  'Killed',
  'CPULimitExceeded',
  'LivenessProbeFailed',
  'StartupProbeFailed',
])

/** What the pod tells of its present run and of the one before. */
export function marksOf(pod: Pod): readonly TimedMark[] {
  const [{ state, lastState, containerID }] = pod.status.containerStatuses
  return [...endOf(pod, lastState), ...endOf(pod, state), ...startOf(pod, state, containerID)]
}

function startOf(pod: Pod, { running }: ContainerState, runId: string): TimedMark[] {
  const atMs = timeOf(running?.startedAt)
  if (atMs === undefined) return []
  const { pid } = pod.status.orc
  const ports = pod.spec.containers[0].ports.map(({ containerPort }) => `port ${String(containerPort)}`)
  const facts = [...(pid === undefined ? [] : [`pid ${String(pid)}`]), ...ports]
  return [{ atMs, mark: markOf(pod, `${runId} started`, 'started', { facts, tone: 'busy', icon: 'play' }) }]
}

function endOf(pod: Pod, { terminated }: ContainerState): TimedMark[] {
  const atMs = timeOf(terminated?.finishedAt)
  if (terminated === undefined || atMs === undefined) return []
  const { containerID, startedAt } = terminated
  const lasted = atMs - (timeOf(startedAt) ?? atMs)
  const facts = [...causeOf(terminated), `after ${formatDuration(lasted)}`]
  const tone = BAD.has(terminated.reason) && terminated.exitCode !== 0 ? 'bad' : 'off'
  const icon = MEMORY.has(terminated.reason) ? 'memory-stick' : tone === 'bad' ? 'octagon-x' : 'circle-stop'
  return [{ atMs, mark: markOf(pod, `${containerID} ended`, 'ended', { facts, tone, icon }) }]
}

function causeOf({ exitCode, signal, reason }: Terminated): string[] {
  const code = exitCode < 0 ? 'nobody saw how' : `exit code ${String(exitCode)}`
  const why = reason === 'Exited' || exitCode < 0 ? [] : [reason]
  return [...why, code, ...(signal === undefined ? [] : [`signal ${String(signal)}`])]
}

function markOf(
  pod: Pod,
  key: string,
  event: string,
  { facts, ...shape }: Pick<Mark, 'tone' | 'icon'> & { readonly facts: readonly string[] },
): Mark {
  return { key, title: `${pod.metadata.name} ${event}`, facts: facts.join(' · '), ...shape }
}
