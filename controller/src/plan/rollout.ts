/**
 * How a new template replaces an old one: which replicas may go now, whether one more stands in for them, and whether
 * the new one has proven itself or failed. Availability is what is protected; a replica that serves nobody may go.
 */
import type { ObservedRun } from '../runtime/runtime.ts'
import { endSentence, failedStartSentence, lateRolloutSentence, taskFailedSentence } from './messages.ts'
import { reasonToBeDown } from './down.ts'
import { greetedAtMs } from './hooks.ts'
import { isOutdated, isSameTemplate } from './restart.ts'
import { isInit, outcomeOf } from './tasks.ts'
import { hasReadiness, isLive, type AcceptedService, type World } from './world.ts'

/** Ends in a row of a replica that never served, after which waiting for the deadline tells nothing more. */
const FAILURES = 3
/** So long a process must live that nothing is asked of: that it was started proves nothing. */
const PROOF_MS = 10_000

export interface Rollout {
  /** Ordinals whose run of an older template may be ended now. */
  readonly mayReplace: ReadonlySet<number>
  /** Replicas without a process may start: Recreate waits until the old ones are gone. */
  readonly mayStart: boolean
  /** Slots that are wanted now: the replicas, and one more while it stands in for them. */
  readonly slots: number
  /** Old replicas are still there, or the one that stands in for them. */
  readonly isReplacing: boolean
  /** That, or new ones have yet to prove themselves. */
  readonly isRolling: boolean
  /** Every replica is of the template and has been ready for `minReadySeconds`. */
  readonly isComplete: boolean
  /** It is complete, and that says that the revision works. */
  readonly isProof: boolean
  /** Replicas that have been ready for `minReadySeconds`, of any template. */
  readonly available: number
  /** Replicas that are of the template and available. */
  readonly updated: number
  /** Paused, or without what it depends on, or without room. */
  readonly isWaiting: boolean
  /** Why it has failed, as a sentence. */
  readonly failure?: string
  /** Boot clock: when time alone changes this answer. */
  readonly wakeAtMs?: number
}

export function planRollout(world: World, accepted: AcceptedService): Rollout {
  const scene = new Scene(world, accepted)
  const { replicas, updateStrategy } = accepted.spec
  const { updated } = scene
  const isComplete = !scene.isOldThere && updated + scene.done === replicas
  const failure = isComplete ? undefined : scene.failure()
  const wakeAtMs = scene.wakeAtMs(isComplete)
  const isReplacing = scene.isOldThere || scene.standsIn
  return {
    mayReplace: scene.isWaiting ? new Set() : withRoom(scene.replaceable(), world, accepted),
    mayStart: !(updateStrategy.type === 'Recreate' && scene.isOldThere),
    slots: replicas + (scene.mayStandIn(isComplete) ? 1 : 0),
    isReplacing,
    isRolling: isReplacing || !(isComplete || world.rollout.isProven),
    isComplete,
    isProof: isComplete && scene.proofAtMs <= world.nowMs,
    available: scene.available,
    updated,
    isWaiting: scene.isWaiting || world.shortages.size > 0,
    ...(failure === undefined ? {} : { failure }),
    ...(wakeAtMs === undefined ? {} : { wakeAtMs }),
  }
}

/** Nobody is ended for one that the host has no room for. */
function withRoom(ordinals: ReadonlySet<number>, { shortages }: World, { spec }: AcceptedService): ReadonlySet<number> {
  const roomy = [...ordinals].filter((ordinal) => !shortages.has(ordinal))
  const needsAll = spec.updateStrategy.type === 'Recreate' && roomy.length < ordinals.size
  return new Set(needsAll ? [] : roomy)
}

/** The live runs of a service, and what time makes of them. */
class Scene {
  readonly runs: readonly ObservedRun[]
  readonly #world: World
  readonly #accepted: AcceptedService

  constructor(world: World, accepted: AcceptedService) {
    this.#world = world
    this.#accepted = accepted
    const own = world.slots.filter(({ ref }) => ref.uid === accepted.uid && ref.ordinal <= accepted.spec.replicas)
    this.runs = own.flatMap(({ runs }) => runs.filter(isLive))
  }

  /** Nobody is replaced while the rollout is paused, nor by a replica that would have to wait for others. */
  get isWaiting(): boolean {
    const { updateStrategy } = this.#accepted.spec
    return updateStrategy.paused === true || this.#world.dependencies.some(({ unmet }) => unmet !== undefined)
  }

  get isOldThere(): boolean {
    return this.runs.some((run) => this.#isOld(run))
  }

  /** One more than the replicas has a process. */
  get standsIn(): boolean {
    return this.runs.some(({ ref }) => ref.ordinal === this.#accepted.spec.replicas)
  }

  /** Boot clock: a probe or `minReadySeconds` has said by then that replicas work, or they have lived long enough. */
  get proofAtMs(): number {
    const { spec } = this.#accepted
    if (hasReadiness(spec) || spec.updateStrategy.minReadySeconds > 0) return 0
    return Math.max(0, ...this.#inPlace().map(({ record }) => record.orderedAtMs + PROOF_MS))
  }

  /** Replicas that are available, of any template. */
  get available(): number {
    return this.#inPlace().filter((run) => this.isAvailable(run)).length
  }

  get updated(): number {
    return this.#inPlace().filter((run) => !this.#isOld(run) && this.isAvailable(run)).length
  }

  /** One more may be there while replicas are replaced, and until all of them serve. */
  mayStandIn(isComplete: boolean): boolean {
    const { replicas, updateStrategy } = this.#accepted.spec
    if (updateStrategy.maxSurge === 0 || updateStrategy.type === 'Recreate' || replicas === 0) return false
    return this.standsIn ? !isComplete : this.isOldThere && !this.isWaiting
  }

  /** Replicas that did what they were there for and stay down. */
  get done(): number {
    const { uid, spec } = this.#accepted
    const ends = this.#world.slots
      .filter(({ ref, runs }) => ref.uid === uid && ref.ordinal < spec.replicas && !runs.some(isLive))
      .flatMap(({ runs }) => runs.slice(-1))
    const good = ends.filter(({ record, end }) => isSameTemplate(record, this.#accepted) && end?.exitCode === 0)
    return spec.restartPolicy === 'Always' ? 0 : good.length
  }

  isAvailable(run: ObservedRun): boolean {
    const atMs = this.#availableAtMs(run)
    return atMs !== undefined && atMs <= this.#world.nowMs
  }

  /** Ordinals of old runs that serve nobody, and of as many of the others as may be missed. */
  replaceable(): ReadonlySet<number> {
    const { replicas, updateStrategy } = this.#accepted.spec
    const old = this.runs.filter((run) => run.stop === undefined && this.#isOld(run))
    const missable =
      this.runs.filter((run) => this.isAvailable(run)).length - (replicas - updateStrategy.maxUnavailable)
    const serving = old.filter((run) => this.isAvailable(run)).toSorted((a, b) => a.ref.ordinal - b.ref.ordinal)
    const spared = updateStrategy.type === 'Recreate' ? [] : serving.slice(Math.max(0, missable))
    return new Set(old.filter((run) => !spared.includes(run)).map(({ ref }) => ref.ordinal))
  }

  /** A revision that was complete once cannot fail any more: what happens to it later is not its rollout. */
  failure(): string | undefined {
    const { rollout, nowMs } = this.#world
    const { spec } = this.#accepted
    if (!this.#canFail()) return undefined
    // Without a revision to return to there is nothing better to do than to try on.
    const hopeless = rollout.fallback === undefined ? undefined : this.#hopeless()
    if (hopeless !== undefined) return hopeless
    const { progressDeadlineSeconds } = spec.updateStrategy
    return nowMs >= this.#deadlineMs()
      ? lateRolloutSentence(progressDeadlineSeconds, this.updated, spec.replicas)
      : undefined
  }

  wakeAtMs(isComplete: boolean): number | undefined {
    const { nowMs, rollout } = this.#world
    const waits = this.runs.flatMap((run) => this.#availableAtMs(run) ?? [])
    const verdicts = isComplete ? [rollout.isProven ? 0 : this.proofAtMs] : this.#canFail() ? [this.#deadlineMs()] : []
    const next = Math.min(...[...waits, ...verdicts].filter((atMs) => atMs > nowMs))
    return Number.isFinite(next) ? next : undefined
  }

  #isOld({ record }: ObservedRun): boolean {
    return isOutdated(record, this.#accepted)
  }

  #inPlace(): readonly ObservedRun[] {
    return this.runs.filter(({ ref }) => ref.ordinal < this.#accepted.spec.replicas)
  }

  #canFail(): boolean {
    const { spec } = this.#accepted
    if (this.isWaiting || this.#world.shortages.size > 0 || spec.restartPolicy === 'Never') return false
    return !this.#world.rollout.isProven && reasonToBeDown(this.#world, this.#accepted) === undefined
  }

  /** A replica of the revision that ends again and again without ever having served, or that cannot be started. */
  #hopeless(): string | undefined {
    const { slots, tasks, startFailures } = this.#world
    const { uid, revision } = this.#accepted
    const init = tasks.flatMap(({ ref, runs }) => (ref.uid === uid && isInit(ref) ? runs.slice(-1) : []))
    const hopeless = init.find(
      (run) => run.record.revision === revision && outcomeOf(run) === 'Failed' && run.record.failures + 1 >= FAILURES,
    )
    if (hopeless !== undefined) return taskFailedSentence(hopeless)
    for (const { ref, runs } of slots) {
      const last = runs.findLast(({ end }) => end !== undefined)
      if (ref.uid !== uid || last?.end === undefined || last.record.revision !== revision) continue
      const isFailing = last.end.reason !== 'Cancelled' && last.record.failures + 1 >= FAILURES
      if (isFailing && !runs.some((run) => run.record.revision === revision && this.isAvailable(run)))
        return endSentence(last.end)
    }
    const refused = [...startFailures.values()].find(
      ({ reason, count }) => reason === 'StartFailed' && count >= FAILURES,
    )
    return refused === undefined ? undefined : failedStartSentence(refused.message)
  }

  /** Counts from the latest progress: a replica that began, or became available, or the end of a wait. */
  #deadlineMs(): number {
    const { rollout } = this.#world
    const { revision, spec } = this.#accepted
    const ours = this.runs.filter(({ record }) => record.revision === revision)
    const began = ours.filter(({ record }) => record.restartCount === 0).map(({ record }) => record.orderedAtMs)
    const available = ours.filter((run) => this.isAvailable(run)).map((run) => this.#availableAtMs(run) ?? 0)
    const { beganAtMs, waitedUntilMs = 0 } = rollout
    return (
      Math.max(beganAtMs, waitedUntilMs, ...began, ...available) + spec.updateStrategy.progressDeadlineSeconds * 1000
    )
  }

  /** Undefined for a run that is not ready. */
  #availableAtMs(run: ObservedRun): number | undefined {
    const { phase, stop, record } = run
    if (phase !== 'Running' || stop !== undefined) return undefined
    const { spec } = this.#accepted
    const probe = this.#world.probes.get(record.runId)
    if (!(probe?.ready ?? !hasReadiness(spec))) return undefined
    const greetedMs = greetedAtMs(this.#world, run)
    if (greetedMs === undefined) return undefined
    return Math.max(probe?.readySinceMs ?? 0, greetedMs) + spec.updateStrategy.minReadySeconds * 1000
  }
}
