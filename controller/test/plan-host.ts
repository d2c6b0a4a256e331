/** A simulated host with a controller that plans after every event, and random histories for it. */
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

export type Event =
  | { readonly type: 'Advance'; readonly ms: number }
  | { readonly type: 'Claim' }
  | { readonly type: 'Exit'; readonly pick: number; readonly code: number }
  | { readonly type: 'ExitTask'; readonly pick: number; readonly code: number }
  | {
      readonly type: 'Declare'
      readonly fields: Partial<AgentService['spec']>
      readonly revision: number
      readonly restart: number
      readonly uid: number
      readonly config?: string | undefined
    }
  | { readonly type: 'Undeclare' }
  | { readonly type: 'Temper'; readonly stubborn: boolean; readonly unkillable: boolean }
  | { readonly type: 'Refuse'; readonly refused: boolean }
  | { readonly type: 'Probe'; readonly pick: number; readonly state: ProbeState }
  /** A service that this one depends on comes to stand as it should, or does not any more. */
  | { readonly type: 'Depend'; readonly isMet: boolean }
  /** One of them began anew, and this one asks to be restarted then. */
  | { readonly type: 'DependencyBegan' }
  /** The host has room for a process of the revision in force, or has none. */
  | { readonly type: 'Room'; readonly ordinal: number; readonly isThere: boolean }
  | { readonly type: 'Breach'; readonly pick: number; readonly breach: LimitBreach }
  /** Somebody deletes the pod that is shown. */
  | { readonly type: 'DeletePod'; readonly ordinal: number; readonly graceMs: number }
  /** The controller died: what it only remembered is gone; the host goes on. */
  | { readonly type: 'Crash' }
  | { readonly type: 'ShutDown'; readonly on: boolean }

export const probeState = fc.constantFrom<ProbeState>(
  { started: false, ready: false, message: '' },
  { started: true, ready: true, message: '' },
  { started: true, ready: false, message: 'The readiness probe fails.' },
  { started: true, ready: false, failed: 'LivenessProbeFailed', message: 'The liveness probe fails.' },
  { started: false, ready: false, failed: 'StartupProbeFailed', message: 'The startup probe fails.' },
)

const CORE = { cpuMillis: 1000, memoryBytes: 0 }
const SHORTAGE: Shortage = {
  ...{ type: 'Now', needs: CORE, free: { cpuMillis: 0, memoryBytes: 0 } },
  host: { allocatable: CORE, kept: CORE },
}

export const READY: ProbeState = { started: true, ready: true, message: '' }

export const declare = fc.record({
  type: fc.constant('Declare' as const),
  fields: fc.record(
    {
      replicas: fc.integer({ min: 0, max: 3 }),
      restartPolicy: fc.constantFrom('Always' as const, 'OnFailure' as const, 'Never' as const),
      restartPolicyOnCPULimit: fc.constantFrom('None' as const, 'Restart' as const),
      operatingMode: fc.constantFrom('Running' as const, 'Running' as const, 'Stopped' as const),
      terminationGracePeriodSeconds: fc.constantFrom(0, 1, 30),
      readinessProbe: fc.constantFrom({ tcpSocket: { port: 80 } }),
      initCommands: fc.constantFrom<NonNullable<AgentService['spec']['initCommands']>[]>(
        [{ name: 'migrate', command: ['m'], timeoutSeconds: 60 }],
        [
          { name: 'migrate', command: ['m'] },
          { name: 'warm', command: ['w'], when: 'EveryStart' },
        ],
      ),
      lifecycle: fc.constantFrom<NonNullable<AgentService['spec']['lifecycle']>[]>(
        { postStart: { exec: { command: ['p'] } } },
        { preStop: { exec: { command: ['q'] } } },
        { postStart: { exec: { command: ['p'] } }, preStop: { exec: { command: ['q'] }, timeoutSeconds: 5 } },
      ),
      updateStrategy: fc.record(
        {
          type: fc.constantFrom('RollingUpdate' as const, 'RollingUpdate' as const, 'Recreate' as const),
          maxUnavailable: fc.constantFrom(1, 2),
          maxSurge: fc.constantFrom(0, 1),
          minReadySeconds: fc.constantFrom(0, 2),
          progressDeadlineSeconds: fc.constantFrom(5, 600),
          autoRollback: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  ),
  revision: fc.integer({ min: 1, max: 3 }),
  restart: fc.integer({ min: 0, max: 2 }),
  uid: fc.integer({ min: 1, max: 2 }),
  config: fc.constantFrom(undefined, undefined, 'c1', 'c2'),
})

export const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('Advance' as const),
      ms: fc.constantFrom(1, 10, 500, 1000, 2500, 40_000, 700_000),
    }),
  },
  { weight: 6, arbitrary: fc.constant({ type: 'Claim' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('Exit' as const), pick: fc.nat(3), code: fc.constantFrom(0, 1, 137) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('ExitTask' as const), pick: fc.nat(3), code: fc.constantFrom(0, 0, 1) }),
  },
  { weight: 3, arbitrary: declare },
  { weight: 1, arbitrary: fc.constant({ type: 'Undeclare' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('Temper' as const), stubborn: fc.boolean(), unkillable: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('Refuse' as const), refused: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('Probe' as const), pick: fc.nat(3), state: probeState }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('Breach' as const),
      pick: fc.nat(3),
      breach: fc.constantFrom<LimitBreach>({}, { cpu: { used: 2, limit: 1 } }, { memory: { used: 2, limit: 1 } }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('DeletePod' as const),
      ordinal: fc.nat(2),
      graceMs: fc.constantFrom(0, 500, 40_000),
    }),
  },
  { weight: 1, arbitrary: fc.boolean().map((isMet) => ({ type: 'Depend' as const, isMet })) },
  { weight: 1, arbitrary: fc.constant({ type: 'DependencyBegan' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('Room' as const), ordinal: fc.nat(3), isThere: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'Crash' as const }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('ShutDown' as const), on: fc.boolean() }) },
)

export const history = fc.tuple(declare, fc.array(event, { maxLength: 40 })).map(([first, rest]) => [first, ...rest])

/** One service whose revision changes now and then while its replicas come up, fall and come again. */
export const rolloutHistory = fc
  .tuple(
    fc.record({
      replicas: fc.integer({ min: 1, max: 4 }),
      readinessProbe: fc.constantFrom(undefined, { tcpSocket: { port: 80 } }),
      updateStrategy: fc.record({
        maxUnavailable: fc.constantFrom(1, 2),
        maxSurge: fc.constantFrom(0, 1),
        minReadySeconds: fc.constantFrom(0, 2),
      }),
    }),
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constant({ type: 'Claim' as const }) },
        {
          weight: 4,
          arbitrary: fc.record({ type: fc.constant('Advance' as const), ms: fc.constantFrom(10, 1000, 3000) }),
        },
        { weight: 6, arbitrary: fc.nat(4).map((pick) => ({ type: 'Probe' as const, pick, state: READY })) },
        { weight: 1, arbitrary: fc.nat(4).map((pick) => ({ type: 'Exit' as const, pick, code: 1 })) },
        {
          weight: 2,
          arbitrary: fc
            .tuple(fc.nat(4), fc.boolean())
            .map(([ordinal, isThere]) => ({ type: 'Room' as const, ordinal, isThere })),
        },
        {
          weight: 2,
          arbitrary: fc.integer({ min: 1, max: 3 }).map((revision) => ({ type: 'Revise' as const, revision })),
        },
      ),
      { minLength: 10, maxLength: 60 },
    ),
  )
  .map(([{ readinessProbe, ...rest }, events]): Event[] => {
    const fields = { ...rest, ...(readinessProbe === undefined ? {} : { readinessProbe }) }
    const revise = (revision: number): Event => ({ type: 'Declare', fields, revision, restart: 0, uid: 1 })
    return [revise(1), ...events.map((event) => (event.type === 'Revise' ? revise(event.revision) : event))]
  })

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
