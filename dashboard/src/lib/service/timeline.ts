/** What led to what: revision, plan, action, exit, backoff in the order of time; what repeats folds. Pure. */
import { ORDINAL_LABEL, REASONS, type EndedRun, type KubeEvent, type Pod, type Reason } from '@orc/schemas'
import { formatDuration } from '#lib/format.ts'
import { present, type Role, type StateIcon } from '#lib/present.ts'
import { timeOf } from '#lib/replica-view.ts'
import { sayChanges, type RevisionView } from './revisions.ts'

export type MomentType = 'Revision' | 'Plan' | 'Action' | 'Exit' | 'Backoff'

export interface Moment {
  readonly id: string
  readonly type: MomentType
  readonly atMs: number
  readonly title: string
  readonly note?: string
  readonly role: Role
  readonly icon: StateIcon | 'git-commit-horizontal' | 'play' | 'workflow'
  /** What is the same in every turn of a cycle; absent on what never folds. */
  readonly kind?: string
  /** Of a backoff: how long it waited, ms. */
  readonly waitedMs?: number
}

export interface Fold {
  readonly id: string
  readonly type: 'Fold'
  readonly title: string
  readonly moments: readonly Moment[]
}

export interface TimelineWorld {
  readonly service: string
  readonly pods: readonly Pod[]
  readonly events: readonly KubeEvent[]
  /** Undefined while they are not known. */
  readonly runs: readonly EndedRun[] | undefined
  readonly revisions: readonly RevisionView[]
}

/** Of one moment. An exit and its backoff are two words about one thing, and stay together. */
const ORDER: Readonly<Record<MomentType, number>> = { Revision: 0, Plan: 1, Exit: 2, Backoff: 2, Action: 3 }

export function momentsOf(world: TimelineWorld): Moment[] {
  const lives = livesOf(world)
  return [
    ...world.revisions.map(momentOfRevision),
    ...world.events.flatMap((event) => momentOfEvent(event) ?? []),
    ...lives.flatMap((life) => momentsOfLife(life, lives, world)),
  ].toSorted(compareMoments)
}

function compareMoments(a: Moment, b: Moment): number {
  return (
    a.atMs - b.atMs ||
    ORDER[a.type] - ORDER[b.type] ||
    compareText(subjectOf(a), subjectOf(b)) ||
    compareText(b.id, a.id)
  )
}

function subjectOf({ id }: Moment): string {
  return id.slice(id.indexOf('/'))
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

/** A run that ended, or that lives. */
interface Life {
  readonly runId: string
  readonly ordinal: number
  readonly run: number | undefined
  readonly startedMs: number
  readonly end?: Pick<EndedRun, 'exitCode' | 'signal' | 'reason' | 'message'> & { readonly atMs: number }
}

/** What history knows, and what the pods say at this very moment: that is there a little earlier. */
function livesOf({ runs = [], pods }: TimelineWorld): Life[] {
  const lives = new Map<string, Life>()
  for (const pod of pods) for (const life of livesOfPod(pod)) lives.set(life.runId, life)
  for (const { runId, ordinal, run, startedAt, finishedAt, ...end } of runs)
    lives.set(runId, {
      runId,
      ordinal,
      run,
      startedMs: Date.parse(startedAt),
      end: { ...end, atMs: Date.parse(finishedAt) },
    })
  return [...lives.values()]
}

function livesOfPod({ metadata, status }: Pod): Life[] {
  const ordinal = Number(metadata.labels?.[ORDINAL_LABEL] ?? 0)
  const { state, lastState, containerID } = status.containerStatuses[0]
  const runId = (id: string): string => id.replace('orc://', '')
  const startedMs = timeOf(state.running?.startedAt)
  const live = startedMs === undefined ? [] : [{ runId: runId(containerID), ordinal, run: status.orc.run, startedMs }]
  const ended = [state.terminated ?? lastState.terminated ?? []]
    .flat()
    .map(({ containerID: id, startedAt, finishedAt, ...end }) => ({
      ...{ runId: runId(id), ordinal, run: undefined, startedMs: Date.parse(startedAt) },
      end: { ...end, atMs: Date.parse(finishedAt) },
    }))
  return [...live, ...ended]
}

function momentsOfLife(life: Life, lives: readonly Life[], { service, pods, runs }: TimelineWorld): Moment[] {
  const replica = `${service}-${String(life.ordinal)}`
  if (life.end === undefined) return [liveMoment(life, replica)]
  const next = lives
    .filter(({ ordinal, startedMs }) => ordinal === life.ordinal && startedMs >= (life.end?.atMs ?? 0))
    .toSorted((a, b) => a.startedMs - b.startedMs)[0]
  const exit = exitMoment(life, life.end, replica)
  if (exit.role !== 'bad') return [exit]
  if (next !== undefined) return [exit, ...waitMoment(life, life.end, next.startedMs - life.end.atMs)]
  const pod = runs === undefined ? undefined : pods.find(({ metadata }) => metadata.name === replica)
  return [exit, ...pendingMoment(life, life.end, pod)]
}

function liveMoment({ runId, run, startedMs }: Life, replica: string): Moment {
  return {
    ...{ id: `start/${runId}`, type: 'Action', atMs: startedMs, role: 'busy', icon: 'play' },
    title: `${replica} was started`,
    ...(run === undefined ? {} : { note: `run ${String(run)}, which runs now` }),
  }
}

/** Ends that orc asked for say why; nobody failed. */
const ASKED_FOR: readonly Reason[] = [
  ...(['SpecChanged', 'ConfigChanged', 'DependencyRestarted', 'RestartRequested', 'PodDeleted', 'ScaledDown'] as const),
  ...(['ServiceDeleted', 'ControllerShutdown', 'HostReboot', 'Cancelled', 'Stopped'] as const),
]

function exitMoment({ runId, run, startedMs }: Life, end: NonNullable<Life['end']>, replica: string): Moment {
  const { exitCode, reason, atMs } = end
  const isAsked = ASKED_FOR.includes(reason)
  const isFailure = !isAsked && exitCode !== 0
  const note = [
    isAsked ? REASONS[reason].replace(/\.$/, '') : undefined,
    `after ${sayDuration(atMs - startedMs)}`,
    run === undefined ? undefined : `run ${String(run)}`,
  ]
  return {
    ...{ id: `exit/${runId}`, type: 'Exit', atMs, title: `${replica} ${sayEnd(end)}` },
    note: [note.filter((part) => part !== undefined).join(', '), ...lastLine(end.message)].join('. '),
    role: isFailure ? 'bad' : 'off',
    icon: isFailure ? iconOfEnd(reason) : 'circle-stop',
    kind: `exit ${String(exitCode)} ${String(end.signal)} ${reason}`,
  }
}

function iconOfEnd(reason: string): StateIcon {
  return reason === 'OOMKilled' || reason === 'MemoryLimitExceeded' ? present(reason).icon : 'octagon-x'
}

const SIGNALS: Readonly<Record<number, string>> = {
  ...{ 1: 'SIGHUP', 2: 'SIGINT', 3: 'SIGQUIT', 4: 'SIGILL', 6: 'SIGABRT', 7: 'SIGBUS', 8: 'SIGFPE', 9: 'SIGKILL' },
  ...{ 10: 'SIGUSR1', 11: 'SIGSEGV', 12: 'SIGUSR2', 13: 'SIGPIPE', 14: 'SIGALRM', 15: 'SIGTERM' },
}

/** "exited with code 1", "was killed for memory", "was ended by SIGKILL". */
export function sayEnd({ exitCode, signal, reason }: Pick<EndedRun, 'exitCode' | 'signal' | 'reason'>): string {
  if (reason === 'OOMKilled' || reason === 'MemoryLimitExceeded') return 'was killed for memory'
  if (exitCode < 0) return 'is gone, and nobody saw how it ended'
  if (signal === undefined) return `exited with code ${String(exitCode)}`
  return `was ended by ${SIGNALS[signal] ?? `signal ${String(signal)}`}`
}

function lastLine(message: string | undefined): string[] {
  const line = message?.trimEnd().split('\n').at(-1)
  return line === undefined || line === '' ? [] : [`Its last line: ${line.slice(0, 200)}`]
}

const AT_ONCE_MS = 500

function waitMoment({ runId }: Life, { atMs }: NonNullable<Life['end']>, waitedMs: number): Moment[] {
  const title = waitedMs < AT_ONCE_MS ? 'Restarted at once' : `Waited ${sayDuration(waitedMs)}, then started again`
  return [{ ...backoff(runId, atMs), title, kind: 'backoff', waitedMs }]
}

function pendingMoment({ runId }: Life, { atMs }: NonNullable<Life['end']>, pod: Pod | undefined): Moment[] {
  const untilMs = timeOf(pod?.status.orc.nextRetryTime)
  if (untilMs === undefined) return []
  return [{ ...backoff(runId, atMs), title: `Waits ${sayDuration(untilMs - atMs)} until it is started again` }]
}

function backoff(runId: string, atMs: number): Pick<Moment, 'id' | 'type' | 'atMs' | 'role' | 'icon'> {
  return { id: `backoff/${runId}`, type: 'Backoff', atMs, role: 'wait', icon: 'timer' }
}

function momentOfRevision({ revision, number, hash, changes }: RevisionView): Moment {
  const what = changes === undefined || changes.length === 0 ? '' : `: ${sayChanges(changes)}`
  const rejected = revision.orc.message
  return {
    ...{
      id: `revision/${hash}`,
      type: 'Revision',
      icon: 'git-commit-horizontal',
      role: rejected === undefined ? 'off' : 'bad',
    },
    atMs: timeOf(revision.metadata.creationTimestamp ?? undefined) ?? 0,
    title: `Revision ${String(number)}${what}`,
    note: rejected ?? hash,
  }
}

/** Told by runs and pods, and better: each with its own time. */
const TOLD_BY_RUNS: readonly Reason[] = [
  'Started',
  'BackOff',
  'CrashLoopBackOff',
  'Exited',
  'Killed',
  'ExitCodeUnknown',
]

const PLANS: readonly Reason[] = [...ASKED_FOR, 'LivenessProbeFailed', 'StartupProbeFailed', 'RolledBack', 'RollingOut']

/** Of a service these say that its pods are so. */
const TOLD_BY_PODS: readonly Reason[] = ['Ready', 'ProbeFailed']

/** The last time that it happened: one event stands for all of the same. */
function momentOfEvent(event: KubeEvent): Moment | undefined {
  const { metadata, reason, type, message, count, lastTimestamp } = event
  if (event.involvedObject.kind === 'AgentService' && TOLD_BY_PODS.includes(reason)) return undefined
  // What orc asks of a process is told twice: when it asks, and as the reason of the end.
  if (TOLD_BY_RUNS.includes(reason) || /^The process (exited|was ended|is gone)|^The kernel ended/.test(message))
    return undefined
  const isPlan = PLANS.includes(reason)
  return {
    ...{ id: `event/${metadata.name}`, type: isPlan ? 'Plan' : 'Action', atMs: Date.parse(lastTimestamp) },
    title: message,
    ...(count > 1 ? { note: `${reason}, ${String(count)} times` } : { note: reason }),
    role: type === 'Warning' ? 'wait' : 'off',
    icon: isPlan ? 'workflow' : iconOfEvent(reason, type),
  }
}

function iconOfEvent(reason: string, type: KubeEvent['type']): StateIcon {
  if (reason === 'Ready') return 'circle-check'
  return type === 'Warning' ? 'circle-alert' : 'circle-dashed'
}

/** From here on a row of equal cycles is longer to read than to sum up. */
const LEAST_FOLDED = 2

/** Equal cycles that follow each other are shown as the first, the last, and how many were between. */
export function foldCycles(moments: readonly Moment[]): (Moment | Fold)[] {
  const folded: (Moment | Fold)[] = []
  const cycles = cyclesOf(moments)
  for (let first = 0; first < cycles.length;) {
    const name = nameOf(cycles[first])
    let end = first + 1
    while (name !== undefined && end < cycles.length && nameOf(cycles[end]) === name) end += 1
    const middle = cycles.slice(first + 1, Math.max(first + 1, end - 1))
    folded.push(...(cycles[first] ?? []))
    folded.push(...(middle.length < LEAST_FOLDED ? middle.flat() : [foldOf(middle)]))
    if (end - first > 1) folded.push(...(cycles[end - 1] ?? []))
    first = end
  }
  return folded
}

/** An exit and the wait that follows it belong together; all else stands alone. */
function cyclesOf(moments: readonly Moment[]): Moment[][] {
  const cycles: Moment[][] = []
  for (const moment of moments) {
    const last = cycles.at(-1)
    if (moment.type === 'Backoff' && last?.at(-1)?.type === 'Exit') last.push(moment)
    else cycles.push([moment])
  }
  return cycles
}

function nameOf(cycle: readonly Moment[] | undefined): string | undefined {
  return cycle?.[0]?.kind
}

function foldOf(cycles: readonly (readonly Moment[])[]): Fold {
  const moments = cycles.flat()
  const title = `The same ${String(cycles.length)} more times${sayWaits(moments.flatMap(({ waitedMs }) => waitedMs ?? []))}`
  return { id: `fold/${moments[0]?.id ?? ''}`, type: 'Fold', title, moments }
}

function sayWaits(waitsMs: readonly number[]): string {
  if (waitsMs.length === 0) return ''
  const [least, most] = [Math.min(...waitsMs), Math.max(...waitsMs)].map(sayDuration)
  return least === most ? `, waits of ${most ?? ''}` : `, waits from ${least ?? ''} to ${most ?? ''}`
}

/** What is short has no seconds to count. */
function sayDuration(ms: number): string {
  return ms < 1000 ? 'less than 1\u00a0s' : formatDuration(ms)
}
