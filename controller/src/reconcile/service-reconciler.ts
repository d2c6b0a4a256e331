/** Brings one AgentService from what is to what should be. Knows no files, no HTTP, no timers. */
import { keyOf, mergeConditions, splitKey, type AgentService, type Judgement, type Key, type Pod } from '@orc/schemas'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Cache } from '../cache/cache.ts'
import type { Clock } from '../clock.ts'
import type { Sampler } from '../metrics/sampler.ts'
import type { PodDeletions } from '../objects/pod-deletions.ts'
import { plan } from '../plan/plan.ts'
import { isLive, type AcceptedService, type Action, type Plan, type StartFailure, type World } from '../plan/world.ts'
import type { Prober } from '../probe/prober.ts'
import type { ObservedSlot, Runtime, ServiceRef } from '../runtime/runtime.ts'
import type { Admission } from './admission.ts'
import type { Reconciler, Result } from './controller.ts'
import type { ConfigRevisions } from './config-revision.ts'
import type { Dependencies } from './dependencies.ts'
import { withDependencyRuns } from './dependency-runs.ts'
import { handOn } from './hand-on.ts'
import { Handout, lifeOf } from './handout.ts'
import type { Narrator } from './narrator.ts'
import { breachesOf, enforcementOf, holdLimits, limitsOf, sampleTargets, type HeldLimits } from './limits.ts'
import { podName, podOf } from './pod.ts'
import { deletionOf, factOf, forgetDeletion } from './pod-mark.ts'
import { noteReadiness, probeTargetsOf } from './probe-targets.ts'
import { statusOf } from './status.ts'
import { hooksOf, TaskStarter } from './task-starter.ts'
import type { InForce } from './in-force.ts'
import type { Rollouts } from './rollouts.ts'

export interface ServiceReconcilerOptions {
  readonly cache: Cache
  readonly runtime: Runtime
  readonly prober: Prober
  readonly sampler: Sampler
  readonly deletions: PodDeletions
  readonly clock: Clock
  /** Where relative working directories of a service start. */
  readonly baseDirOf: (key: Key) => string
  readonly inherited: Readonly<Record<string, string | undefined>>
  /** What the store says about the file that declares the object. */
  readonly acceptance: (key: Key) => Judgement
  readonly narrator: Pick<Narrator, 'tell'>
  readonly rollouts: Rollouts
  readonly configs: ConfigRevisions
  readonly dependencies: Dependencies
  readonly admission: Admission
}

/** What one pass saw and decided. */
interface Pass {
  readonly service: AgentService | undefined
  readonly force: InForce | undefined
  readonly slots: readonly ObservedSlot[]
  readonly held: HeldLimits
  readonly decided: Plan
}

type Failures = Map<number, StartFailure & { readonly revision: string }>

export class ServiceReconciler implements Reconciler {
  readonly #options: ServiceReconcilerOptions
  readonly #handout: Handout
  readonly #tasks: TaskStarter
  readonly #failures = new Map<Key, Failures>()
  /** Ordinals whose pods are in the cache. */
  readonly #shown = new Map<Key, ReadonlySet<number>>()
  #shuttingDown = false

  constructor(options: ServiceReconcilerOptions) {
    this.#options = options
    this.#handout = new Handout(options.cache, options.inherited)
    this.#tasks = new TaskStarter({ ...options, handout: this.#handout })
  }

  /** From now on every service is to end. */
  shutDown(): void {
    this.#shuttingDown = true
  }

  /** Something that starts of this service waited for may be there now. */
  forgetStartFailures(key: Key): void {
    this.#failures.delete(key)
  }

  async reconcile(key: Key): Promise<Result> {
    const { narrator } = this.#options
    const { service, force, slots, held, world } = this.#look(key)
    const decided = plan(world)
    this.#options.rollouts.noteWait(world.service, decided.isWaiting)
    let again = false
    for (const action of decided.actions) again = (await this.#execute(key, action, force?.accepted)) || again
    this.#publish(key, { service, force, decided, slots, held })
    const acceptance = service === undefined ? undefined : this.#acceptance(key, force)
    const lookAgainInMs = narrator.tell(key, service?.metadata.uid ?? '', { world, decided, acceptance })
    // What a refused start says, and what was remembered, the plan before it could not know.
    if (again) return { requeueAfterMs: 1 }
    const waitMs = Math.min(decided.requeueAfterMs ?? Infinity, lookAgainInMs ?? Infinity)
    return Number.isFinite(waitMs) ? { requeueAfterMs: waitMs } : {}
  }

  /** Takes down what runs and what is wanted, before anything is started: until then nobody is admitted. */
  async takeStock(keys: Iterable<Key>): Promise<void> {
    const { cache, runtime, admission } = this.#options
    for (const key of keys) {
      if (!admission.concerns(key, cache.get<AgentService>(key), runtime.observe(withoutKind(key)))) continue
      this.#look(key)
      await nextTurn()
    }
    admission.open()
  }

  #look(key: Key): Omit<Pass, 'decided'> & { readonly world: World } {
    const { cache, runtime, rollouts, dependencies, admission } = this.#options
    const service = cache.get<AgentService>(key)
    const force = service === undefined ? undefined : rollouts.inForce(service, dependencies.cycleOf(key))
    const slots = runtime.observe(withoutKind(key))
    const held = holdLimits(force?.accepted.spec, slots, runtime)
    return { service, force, slots, held, world: admission.admit(this.#worldOf(key, force, { slots, held })) }
  }

  #worldOf(key: Key, force: InForce | undefined, { slots, held }: Pick<Pass, 'slots' | 'held'>): World {
    const { clock, prober, rollouts, deletions, dependencies } = this.#options
    const service: ServiceRef = withoutKind(key)
    const accepted =
      force === undefined ? undefined : withDependencyRuns(force.accepted, service, slots, this.#options.runtime)
    if (force === undefined && slots.length === 0) rollouts.forget(service)
    this.#syncRooms(key, accepted, { slots, held })
    const probes = prober.results(key)
    noteReadiness(slots, probes, this.#options.runtime)
    return {
      service,
      accepted,
      slots,
      tasks: this.#options.runtime.observeTasks(service),
      probes: rollouts.withUnasked(probes, accepted, slots),
      breaches: breachesOf(slots, this.#options.sampler),
      startFailures: this.#failuresOf(key, accepted),
      deletions: deletions.of(service.namespace, service.name).map(factOf),
      rollout: force?.rollout ?? { beganAtMs: clock.nowMs(), isProven: true, isHeld: false },
      dependencies: accepted === undefined ? [] : dependencies.factsOf(accepted.spec, service.namespace),
      shortages: new Map(),
      dependents: this.#shuttingDown ? dependencies.liveDependents(key) : [],
      shuttingDown: this.#shuttingDown,
      nowMs: clock.nowMs(),
      wallMs: clock.wallMs(),
    }
  }

  /** What the store says of the file comes first: only a spec that was accepted can fail. */
  #acceptance(key: Key, force: InForce | undefined): Judgement {
    const stored = this.#options.acceptance(key)
    return stored.status === 'True' ? (force?.judgement ?? stored) : stored
  }

  #syncRooms(key: Key, accepted: AcceptedService | undefined, { slots, held }: Pick<Pass, 'slots' | 'held'>): void {
    const running = slots.flatMap(({ runs }) => runs).filter((run) => run.phase === 'Running' && run.stop === undefined)
    this.#options.prober.sync(
      key,
      accepted === undefined
        ? []
        : running.flatMap((run) => {
            const spec = this.#options.rollouts.specOfRun(accepted, run)
            return probeTargetsOf(spec, run, () => this.#handout.environmentOf(spec, lifeOf(run)))
          }),
    )
    const { namespace, name } = splitKey(key)
    const owner = { namespace, service: name }
    this.#options.sampler.sync(owner, sampleTargets(accepted?.spec, running, held))
  }

  /** Failures of an earlier spec say nothing about this one. */
  #failuresOf(key: Key, accepted: AcceptedService | undefined): Failures {
    const all = this.#failures.get(key)
    const current = new Map([...(all ?? [])].filter(([, failure]) => failure.revision === accepted?.revision))
    if (current.size === 0) this.#failures.delete(key)
    else this.#failures.set(key, current)
    return current
  }

  /** True when the world is another one now, without a hint that says so. */
  async #execute(key: Key, action: Action, accepted: AcceptedService | undefined): Promise<boolean> {
    const { runtime, rollouts, configs, cache } = this.#options
    switch (action.type) {
      case 'Start':
        return accepted !== undefined && (await this.#start(key, action, accepted))
      case 'StartTask':
        await this.#tasks.start(action, accepted)
        return false
      case 'Stop':
        runtime.stop(action.run, action)
        return false
      case 'Kill':
        runtime.kill(action.run)
        return false
      case 'Project':
      case 'Signal':
        return handOn(action, { runtime, configs, cache, spec: accepted?.spec })
      case 'Forget':
        runtime.forget(action.slot)
        return false
      case 'Prove':
      case 'RollBack':
        if (accepted !== undefined) rollouts.conclude({ ...withoutKind(key), uid: accepted.uid }, action, accepted)
        return true
      case 'ForgetDeletion':
        await forgetDeletion(this.#options.deletions, withoutKind(key), action.deletion)
        return false
    }
  }

  async #start(key: Key, action: Extract<Action, { type: 'Start' }>, accepted: AcceptedService): Promise<boolean> {
    const { runtime, clock, baseDirOf, rollouts, configs, admission } = this.#options
    const { namespace, name } = splitKey(key)
    const { spec, uid, revision, restartedAt } = accepted
    rollouts.begin({ namespace, name, uid }, accepted)
    const { ordinal, incarnation, restartCount, failures } = action
    const slot = { namespace, name, uid, ordinal }
    const handed = this.#handout.of(spec, { slot, incarnation, revision })
    const result = handed.ok
      ? await runtime.start({
          slot,
          incarnation,
          restartCount,
          failures,
          revision,
          restartedAt,
          configRevision: configs.of(spec, namespace),
          command: [...spec.command, ...spec.args],
          workingDir: path.resolve(baseDirOf(key), spec.workingDir ?? '.'),
          env: handed.env,
          ...(handed.files === undefined ? {} : { files: handed.files }),
          ports: spec.ports,
          stopSignal: spec.stopSignal,
          graceMs: spec.terminationGracePeriodSeconds * 1000,
          ...hooksOf(spec),
          limits: limitsOf(spec),
          requests: admission.reservedFor(slot),
        })
      : handed
    const known = this.#failures.get(key) ?? (new Map() as Failures)
    const count = (known.get(ordinal)?.count ?? 0) + 1
    known.delete(ordinal)
    if (!result.ok) {
      const { reason, message } = result
      known.set(ordinal, { reason, message, failedAtMs: clock.nowMs(), count, revision })
      this.#failures.set(key, known)
    }
    return !result.ok
  }

  #publish(key: Key, { service, force, decided, slots, held }: Pass): void {
    const { cache, clock, deletions } = this.#options
    const { namespace, name } = splitKey(key)
    // The object may have changed, or gone, while actions were carried out: what is published goes onto what is there now.
    const current = cache.get<AgentService>(key)
    if (
      service === undefined ||
      force === undefined ||
      current === undefined ||
      current.metadata.uid !== service.metadata.uid
    ) {
      this.#dropPods(key, new Set(slots.filter(({ runs }) => runs.some(isLive)).map(({ ref }) => ref.ordinal)))
      return
    }
    const { accepted } = force
    const wallMs = clock.wallMs()
    const now = new Date(wallMs).toISOString()
    const wallOffsetMs = wallMs - clock.nowMs()
    const marks = deletions.of(namespace, name)
    for (const view of decided.replicas) {
      const podKey = keyOf('Pod', namespace, podName(name, view.ordinal))
      const previous = cache.get<Pod>(podKey)
      const mark = marks.find(
        ({ ordinal, incarnation }) => ordinal === view.ordinal && incarnation === view.incarnation,
      )
      const deletion = mark?.serviceUid === accepted.uid ? deletionOf(mark) : undefined
      const usage = this.#options.sampler.shown(view.newest?.record.runId ?? '')
      const pod = podOf(view, { usage, service, revision: accepted.revision, previous, deletion, wallOffsetMs, now })
      // Another pod of the same name: whoever waits for the end of the one before is told of it.
      if (previous !== undefined && previous.metadata.uid !== pod.metadata.uid) cache.delete(podKey)
      cache.put(pod)
    }
    this.#dropPods(key, new Set(decided.replicas.map(({ ordinal }) => ordinal)))
    const conditions = mergeConditions(
      current.status?.conditions ?? [],
      [this.#acceptance(key, force), ...decided.judgements],
      {
        generation: service.metadata.generation ?? 0,
        time: now,
      },
    )
    cache.put<AgentService>({
      ...current,
      status: {
        ...statusOf(service, force, decided, wallOffsetMs),
        ...configOf(this.#options.configs.of(accepted.spec, namespace)),
        ...enforcementOf(accepted.spec, held),
        conditions,
      },
    })
  }

  /** Removes the pods of this service that are shown and not to be kept. */
  #dropPods(key: Key, kept: ReadonlySet<number>): void {
    const { namespace, name } = splitKey(key)
    for (const ordinal of this.#shown.get(key) ?? [])
      if (!kept.has(ordinal)) this.#options.cache.delete(keyOf('Pod', namespace, podName(name, ordinal)))
    if (kept.size === 0) this.#shown.delete(key)
    else this.#shown.set(key, kept)
  }
}

function configOf(configRevision: string): { configRevision?: string } {
  return configRevision === '' ? {} : { configRevision }
}

function withoutKind(key: Key): ServiceRef {
  const { namespace, name } = splitKey(key)
  return { namespace, name }
}
