/** What happened to runs: started, ready or not, asked to end, killed, ended. */
import type { Reason } from '@orc/schemas'
import type { ObservedRun, ObservedSlot } from '../runtime/runtime.ts'
import { comingUpMs, type Happening, type Pass, type ReplicaRef } from './happening.ts'
import { contentTold, happeningsOfContent, type ContentTold } from './happenings-of-content.ts'
import { failureOf } from './hooks.ts'
import {
  cpuLimitSentence,
  duration,
  endFact,
  killSentence,
  lastWords,
  OOM_OF_DESCENDANT,
  memoryLimitSentence,
  startedSentence,
  stoppedSentence,
  stopSentence,
  taskFailedSentence,
} from './messages.ts'
import type { Action, LimitBreach, Plan, ReplicaView, World } from './world.ts'

/** How far a run has been told. */
export interface RunTold extends ContentTold {
  readonly isStarted: boolean
  readonly isEnded: boolean
  /** `New` = never ready yet; `Unknown` = it was found running, and its probes have not answered. */
  readonly readiness: 'New' | 'Unknown' | 'Ready' | 'NotReady'
  readonly isOverCpu: boolean
}

export interface RunsTelling {
  readonly happenings: readonly Happening[]
  readonly ended: readonly ObservedRun[]
  readonly told: ReadonlyMap<string, RunTold>
}

export function happeningsOfRuns(before: ReadonlyMap<string, RunTold> | undefined, pass: Pass): RunsTelling {
  const told = new Map<string, RunTold>()
  const happenings: Happening[] = []
  const ended: ObservedRun[] = []
  for (const run of pass.world.slots.flatMap(({ runs }) => runs)) {
    const known = before?.get(run.record.runId) ?? firstLook(before === undefined, run, pass.remembered)
    const now = after(known, run, pass)
    told.set(run.record.runId, now)
    if (now.isEnded && !known.isEnded) ended.push(run)
    happenings.push(...lifeOf(run, known, now), ...readinessOf(run, known, now, pass), ...cpuOf(run, known, pass))
    happenings.push(...happeningsOfContent(replicaOf(run), known, now, pass))
  }
  return {
    happenings: [...happenings, ...pass.decided.actions.flatMap((action) => askedOf(action, pass))],
    ended,
    told,
  }
}

const UNTOLD: ContentTold = { content: undefined, isDeaf: false }

function firstLook(isFirstPass: boolean, run: ObservedRun, remembered: ReadonlySet<string>): RunTold {
  if (!isFirstPass) return { isStarted: false, isEnded: false, readiness: 'New', isOverCpu: false, ...UNTOLD }
  const isTold = run.phase === 'Ended' && remembered.has(run.record.runId)
  return { isStarted: true, isEnded: isTold, readiness: 'Unknown', isOverCpu: false, content: run.told, isDeaf: false }
}

function after(known: RunTold, run: ObservedRun, pass: Pass): RunTold {
  return {
    isStarted: known.isStarted || (run.phase !== 'Starting' && run.end?.reason !== 'Cancelled'),
    isEnded: known.isEnded || run.phase === 'Ended',
    readiness: readinessNow(known.readiness, run, pass),
    isOverCpu: cpuBreachOf(run, pass) !== undefined,
    ...contentTold(run, pass),
  }
}

/** The view of the replica, when it is this run that it speaks of. */
function viewOf({ record }: ObservedRun, decided: Plan): ReplicaView | undefined {
  return decided.replicas.find(({ newest }) => newest?.record.runId === record.runId)
}

function readinessNow(known: RunTold['readiness'], run: ObservedRun, { world, decided }: Pass): RunTold['readiness'] {
  const view = viewOf(run, decided)
  if (view === undefined || run.phase !== 'Running' || run.stop !== undefined) return known
  if (view.ready) return 'Ready'
  const isComingUp = known === 'New' && comingUpMs(view, world.nowMs) > 0
  return view.reason === 'ProbeFailed' && !isComingUp ? 'NotReady' : known
}

function lifeOf(run: ObservedRun, known: RunTold, now: RunTold): Happening[] {
  const replica = replicaOf(run)
  const { record, end } = run
  const happenings: Happening[] = []
  if (now.isStarted && !known.isStarted)
    happenings.push({
      replica,
      type: 'Normal',
      reason: 'Started',
      message: startedSentence(record.restartCount),
      at: record.startedAt,
    })
  if (end !== undefined && now.isEnded && !known.isEnded) {
    const isFine = run.stop !== undefined || end.exitCode === 0 || FINE.includes(end.reason)
    const message = isFine ? endFact(end) : `${endFact(end)}${lastWords(end)}`
    happenings.push({ replica, type: isFine ? 'Normal' : 'Warning', reason: end.reason, message, at: end.finishedAt })
    if (end.oomKills !== undefined && end.reason !== 'OOMKilled')
      happenings.push({ replica, type: 'Warning', reason: 'OOMKilled', message: OOM_OF_DESCENDANT, at: end.finishedAt })
  }
  return happenings
}

/** Nobody's failure, whatever the exit code says. */
const FINE: readonly string[] = ['Cancelled', 'HostReboot']

function readinessOf(run: ObservedRun, known: RunTold, now: RunTold, { world, decided }: Pass): Happening[] {
  if (known.readiness === now.readiness) return []
  const replica = replicaOf(run)
  if (now.readiness === 'Ready') {
    const spec = world.accepted?.spec
    const hasProbes = spec?.startupProbe !== undefined || spec?.readinessProbe !== undefined
    if (known.readiness === 'Unknown' || !hasProbes) return []
    const message = known.readiness === 'New' ? 'The replica is ready.' : 'The replica is ready again.'
    return [{ replica, type: 'Normal', reason: 'Ready', message }]
  }
  const message = viewOf(run, decided)?.message ?? ''
  return [{ replica, type: 'Warning', reason: 'ProbeFailed', message }]
}

function cpuBreachOf({ record, phase }: ObservedRun, { world }: Pass): LimitBreach['cpu'] {
  return phase === 'Running' ? world.breaches.get(record.runId)?.cpu : undefined
}

function cpuOf(run: ObservedRun, known: RunTold, pass: Pass): Happening[] {
  const breach = cpuBreachOf(run, pass)
  // One that is ended for it is told of as such.
  if (breach === undefined || known.isOverCpu || pass.world.accepted?.spec.restartPolicyOnCPULimit === 'Restart')
    return []
  const message = `${cpuLimitSentence(breach.limit)} Nothing is done about it.`
  return [{ replica: replicaOf(run), type: 'Warning', reason: 'CPULimitExceeded', message }]
}

/** What this very pass asks of processes. */
function askedOf(action: Action, { world }: Pass): Happening[] {
  if (action.type !== 'Stop' && action.type !== 'Kill') return []
  const run = action.run.task === undefined ? findRun(world.slots, action.run) : undefined
  // What comes after preStop was told before it.
  if (run === undefined || (action.type === 'Stop' && run.stop !== undefined)) return []
  const replica = replicaOf(run)
  if (action.type === 'Stop') {
    const message = stopSentence(action.reason, action.signal, whyOf(action.reason, run, world))
    return [{ replica, type: FAULTS.includes(action.reason) ? 'Warning' : 'Normal', reason: action.reason, message }]
  }
  // It is sent again and again, and told once.
  if (run.stop === undefined || run.stop.killedAtMs !== undefined) return []
  const message = killSentence(duration(run.stop.graceMs))
  return [{ replica, type: 'Warning', reason: 'GracePeriodExceeded', message }]
}

/** Of the process that is ended for them. */
const FAULTS: readonly Reason[] = [
  'LivenessProbeFailed',
  'StartupProbeFailed',
  'MemoryLimitExceeded',
  'CPULimitExceeded',
  'PostStartFailed',
]

/** Undefined where the reason says it all. */
function whyOf(reason: Reason, run: ObservedRun, world: World): string | undefined {
  const { record } = run
  const { probes, breaches, accepted } = world
  const greeting = reason === 'PostStartFailed' ? failureOf(world, run, 'post-start') : undefined
  if (greeting !== undefined) return taskFailedSentence(greeting)
  const { memory, cpu } = breaches.get(record.runId) ?? {}
  if (reason === 'MemoryLimitExceeded' && memory !== undefined) return memoryLimitSentence(memory.limit)
  if (reason === 'CPULimitExceeded' && cpu !== undefined) return cpuLimitSentence(cpu.limit)
  if (reason === 'LivenessProbeFailed' || reason === 'StartupProbeFailed') return probes.get(record.runId)?.message
  if (reason !== 'Stopped' || accepted === undefined) return undefined
  return stoppedSentence(accepted.spec.operatingModeReason, accepted.spec.operatingModeUntil)
}

function findRun(slots: readonly ObservedSlot[], ref: ObservedRun['ref']): ObservedRun | undefined {
  const slot = slots.find((candidate) => candidate.ref.uid === ref.uid && candidate.ref.ordinal === ref.ordinal)
  return slot?.runs.find((run) => run.ref.seq === ref.seq)
}

function replicaOf({ ref, record }: ObservedRun): ReplicaRef {
  return { uid: ref.uid, ordinal: ref.ordinal, incarnation: record.incarnation }
}
