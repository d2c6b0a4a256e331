/** A simulated host with a controller that plans after every event, as the reconcile loop does. */
import { validate, type AcceptedSpec, type AgentService } from '@orc/schemas'
import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { FakeClock } from '../src/clock-fake.ts'
import { deepFreeze } from '../src/cache/deep.ts'
import { FakeRuntime } from '../src/runtime/fake/fake-runtime.ts'
import type { ObservedRun, Requests } from '../src/runtime/runtime.ts'
import { hooksOf } from '../src/reconcile/task-starter.ts'
import { plan } from '../src/plan/plan.ts'
import { isSameSlot } from '../src/plan/tasks.ts'
import {
  isLive,
  type AcceptedService,
  type Action,
  type DependencyFact,
  type LimitBreach,
  type Plan,
  type PodDeletion,
  type ProbeState,
  type RolloutFacts,
  type Shortage,
  type World,
} from '../src/plan/world.ts'
import { history, type Event } from './plan-events.ts'

export const service = { namespace: 'default', name: 'agent' }

export function specOf(fields: Partial<AgentService['spec']>): AcceptedSpec {
  const checked = validate({
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'AgentService',
    metadata: { name: 'agent' },
    spec: { command: ['a'], ...fields },
  })
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues))
  return (checked.object as AgentService).spec as AcceptedSpec
}

const CORE = { cpuMillis: 1000, memoryBytes: 0 }
const SHORTAGE: Shortage = {
  ...{ type: 'Now', needs: CORE, free: { cpuMillis: 0, memoryBytes: 0 } },
  host: { allocatable: CORE, kept: CORE },
}

/** A host with a controller that plans after every event, as the reconcile loop does. */
export class Simulation {
  readonly clock = new FakeClock()
  readonly runtime = new FakeRuntime(this.clock)
  accepted: AcceptedService | undefined
  #probes = new Map<string, ProbeState>()
  #breaches = new Map<string, LimitBreach>()
  #failures = new Map<number, { reason: 'StartFailed'; message: string; failedAtMs: number; count: number }>()
  shuttingDown = false
  dependencies: DependencyFact[] = []
  notBeforeMs: number | undefined
  /** What is recorded of a start. */
  reservedFor: ((ordinal: number) => Requests) | undefined
  /** Ordinals that the host has no room for. */
  readonly short = new Set<number>()
  /** On the disk: a crash loses none. */
  deletions: PodDeletion[] = []
  readonly proven = new Set<string>()
  readonly rejected = new Set<string>()
  readonly #began = new Map<string, number>()

  runs(): ObservedRun[] {
    return this.runtime.observe(service).flatMap(({ runs }) => runs)
  }

  tasks(): ObservedRun[] {
    return this.runtime.observeTasks(service).flatMap(({ runs }) => runs)
  }

  world(): World {
    return deepFreeze({
      service,
      accepted: this.#withDependencies(),
      slots: this.runtime.observe(service),
      tasks: this.runtime.observeTasks(service),
      probes: new Map(this.#probes),
      breaches: new Map(this.#breaches),
      startFailures: new Map(this.#failures),
      deletions: [...this.deletions],
      rollout: this.#rollout(),
      dependencies: this.dependencies,
      dependents: [],
      shortages: new Map([...this.short].map((ordinal) => [ordinal, SHORTAGE])),
      shuttingDown: this.shuttingDown,
      nowMs: this.clock.nowMs(),
      wallMs: this.clock.wallMs(),
    })
  }

  #withDependencies(): AcceptedService | undefined {
    const { accepted, notBeforeMs } = this
    return accepted === undefined || notBeforeMs === undefined ? accepted : { ...accepted, notBeforeMs }
  }

  #rollout(): RolloutFacts {
    const revision = this.accepted?.revision ?? ''
    const fallback = [...this.proven].findLast((other) => other !== revision)
    return {
      beganAtMs: this.#began.get(revision) ?? this.clock.nowMs(),
      isProven: this.proven.has(revision),
      isHeld: false,
      ...(fallback === undefined ? {} : { fallback }),
    }
  }

  apply(event: Event): void {
    const live = this.runs().filter(isLive)
    switch (event.type) {
      case 'Advance':
        this.clock.advance(event.ms)
        return
      case 'Claim':
        for (const run of [...live, ...this.tasks()]) this.runtime.claim(run.ref)
        return
      case 'ExitTask': {
        const running = this.tasks().filter(({ phase }) => phase === 'Running')
        const run = running[event.pick % Math.max(1, running.length)]
        if (run !== undefined) this.runtime.exit(run.ref, event.code)
        return
      }
      case 'Exit': {
        const run = live[event.pick % Math.max(1, live.length)]
        if (run !== undefined && !(this.runtime.unkillable && run.stop !== undefined))
          this.runtime.exit(run.ref, event.code)
        return
      }
      case 'Declare':
        this.accepted = {
          uid: `uid-${String(event.uid)}`,
          revision: `r${String(event.revision)}`,
          restartedAt: String(event.restart),
          ...(event.config === undefined ? {} : { configRevision: event.config }),
          spec: specOf(event.fields),
        }
        this.#failures.clear()
        return
      case 'Undeclare':
        this.accepted = undefined
        return
      case 'Temper':
        this.runtime.stubborn = event.stubborn
        this.runtime.unkillable = event.unkillable
        return
      case 'Refuse':
        this.runtime.refusal = event.refused ? { ok: false, reason: 'StartFailed', message: 'No.' } : undefined
        return
      case 'Probe': {
        const run = live[event.pick % Math.max(1, live.length)]
        if (run?.phase === 'Running') this.#probes.set(run.record.runId, event.state)
        return
      }
      case 'Depend':
        this.dependencies = [{ name: 'db', condition: 'Ready', ...(event.isMet ? {} : { unmet: 'it is BackOff' }) }]
        return
      case 'Room':
        if (event.isThere) this.short.delete(event.ordinal)
        else this.short.add(event.ordinal)
        return
      case 'DependencyBegan':
        this.notBeforeMs = this.clock.nowMs()
        return
      case 'Breach': {
        const run = live[event.pick % Math.max(1, live.length)]
        if (run?.phase === 'Running') this.#breaches.set(run.record.runId, event.breach)
        return
      }
      case 'DeletePod': {
        const { ordinal, graceMs } = event
        const view = plan(this.world()).replicas[ordinal]
        if (view === undefined || this.accepted === undefined) return
        const { uid } = this.accepted
        const deletion = { uid, ordinal, incarnation: view.incarnation, graceMs }
        this.deletions = [...this.deletions.filter((other) => other.ordinal !== ordinal), deletion]
        return
      }
      case 'Crash':
        this.#probes.clear()
        this.#breaches.clear()
        this.#failures.clear()
        return
      case 'ShutDown':
        this.shuttingDown = event.on
    }
  }

  async execute(actions: readonly Action[]): Promise<void> {
    for (const action of actions) {
      if (action.type === 'Stop') this.runtime.stop(action.run, action)
      else if (action.type === 'Kill') this.runtime.kill(action.run)
      else if (action.type === 'Project')
        await this.runtime.project(action.run, { configRevision: this.accepted?.content ?? '', files: [] })
      else if (action.type === 'Signal') this.runtime.signal(action.run, action.signal, action.configRevision)
      else if (action.type === 'Forget') this.runtime.forget(action.slot)
      else if (action.type === 'ForgetDeletion')
        this.deletions = this.deletions.filter((deletion) => !isDeepStrictEqual(deletion, action.deletion))
      else if (action.type === 'Prove') this.proven.add(action.revision)
      else if (action.type === 'RollBack') this.#rollBack(action)
      else if (action.type === 'StartTask') await this.#startTask(action)
      else await this.#start(action)
    }
  }

  /** What is declared stays; what counts is the revision before, with the same spec otherwise. */
  #rollBack({ from, to }: Extract<Action, { type: 'RollBack' }>): void {
    this.rejected.add(from)
    if (this.accepted !== undefined) this.accepted = { ...this.accepted, revision: to }
  }

  async #startTask(action: Extract<Action, { type: 'StartTask' }>): Promise<void> {
    const { slot, target, command, timeoutSeconds, failures, incarnation, hookOf } = action
    const { revision, restartedAt } = hookOf?.record ?? this.accepted ?? { revision: '', restartedAt: '' }
    const { refusal } = this.runtime
    // What cannot be started is recorded as a run that fails; see reconcile/task-starter.ts.
    this.runtime.refusal = undefined
    if (hookOf === undefined && !this.#began.has(revision)) this.#began.set(revision, this.clock.nowMs())
    await this.runtime.start({
      slot,
      incarnation,
      restartCount: 0,
      failures,
      revision,
      restartedAt,
      command,
      workingDir: '/',
      env: {},
      ports: [],
      stopSignal: 'SIGTERM',
      graceMs: hookOf === undefined ? 1000 : 0,
      assignment: { target, timeoutSeconds },
    })
    this.runtime.refusal = refusal
  }

  async #start({ ordinal, incarnation, restartCount, failures }: Extract<Action, { type: 'Start' }>): Promise<void> {
    const { accepted } = this
    if (accepted === undefined) throw new Error('a start of what is not declared')
    const { uid, revision, restartedAt, configRevision = accepted.content ?? 'c1', spec } = accepted
    if (!this.#began.has(revision)) this.#began.set(revision, this.clock.nowMs())
    const result = await this.runtime.start({
      slot: { ...service, uid, ordinal },
      incarnation,
      restartCount,
      failures,
      revision,
      restartedAt,
      configRevision,
      command: spec.command,
      ...(spec.files === undefined ? {} : { files: [] }),
      workingDir: '/',
      env: {},
      ports: [],
      stopSignal: spec.stopSignal,
      graceMs: spec.terminationGracePeriodSeconds * 1000,
      ...(this.reservedFor === undefined ? {} : { requests: this.reservedFor(ordinal) }),
      ...hooksOf(spec),
    })
    const count = (this.#failures.get(ordinal)?.count ?? 0) + 1
    if (result.ok) this.#failures.delete(ordinal)
    else
      this.#failures.set(ordinal, {
        reason: 'StartFailed',
        message: result.message,
        failedAtMs: this.clock.nowMs(),
        count,
      })
  }

  /** Everything that can end ends, everything that starts comes up, and time passes until nothing is waited for. */
  async settle(): Promise<Plan> {
    this.runtime.unkillable = false
    this.runtime.refusal = undefined
    this.dependencies = []
    this.short.clear()
    for (let round = 0; round < 120; round += 1) {
      for (const run of [...this.runs(), ...this.tasks()]) if (run.phase === 'Starting') this.runtime.claim(run.ref)
      for (const run of this.tasks()) if (run.phase === 'Running') this.runtime.exit(run.ref, 0)
      const decided = plan(this.world())
      if (decided.actions.length === 0 && decided.requeueAfterMs === undefined) return decided
      await this.execute(decided.actions)
      if (decided.actions.length === 0) this.clock.advance(decided.requeueAfterMs ?? 1)
    }
    throw new Error(`did not settle: ${JSON.stringify(plan(this.world()), null, 1)}`)
  }
}

export async function play(
  events: readonly Event[],
  check: (simulation: Simulation, world: World, decided: Plan) => void,
): Promise<Simulation> {
  const simulation = new Simulation()
  for (const event of events) {
    simulation.apply(event)
    const world = simulation.world()
    const decided = plan(world)
    check(simulation, world, decided)
    await simulation.execute(decided.actions)
  }
  return simulation
}

export const always = (check: Parameters<typeof play>[1], runs = 1000): Promise<void> =>
  fc.assert(
    fc.asyncProperty(history, async (events) => void (await play(events, check))),
    { numRuns: runs },
  )

export const ofType = <T extends Action['type']>(decided: Plan, type: T): Extract<Action, { type: T }>[] =>
  decided.actions.filter((action): action is Extract<Action, { type: T }> => action.type === type)

/** With the one that may stand in for others. */
export const slotsOf = (accepted: AcceptedService | undefined): number =>
  accepted === undefined
    ? 0
    : accepted.spec.replicas + (accepted.spec.replicas > 0 ? accepted.spec.updateStrategy.maxSurge : 0)

export const findRun = (world: World, ref: ObservedRun['ref']): ObservedRun | undefined =>
  [...world.slots, ...world.tasks]
    .find((slot) => isSameSlot(slot.ref, ref))
    ?.runs.find((run) => run.ref.seq === ref.seq)

export const deletionOf = (world: World, run: ObservedRun | undefined): PodDeletion | undefined =>
  world.deletions.find(
    ({ uid, ordinal, incarnation }) =>
      run?.ref.uid === uid && run.ref.ordinal === ordinal && run.record.incarnation === incarnation,
  )
