/** What must hold in every world: properties of the planner over thousands of random histories on a simulated host. */
import { validate, type AcceptedSpec, type AgentService } from '@orc/schemas'
import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../clock-fake.ts'
import { deepFreeze } from '../cache/deep.ts'
import { FakeRuntime } from '../runtime/fake/fake-runtime.ts'
import type { ObservedRun } from '../runtime/runtime.ts'
import { plan } from './plan.ts'
import { backoffMs } from './restart.ts'
import {
  isLive,
  type AcceptedService,
  type Action,
  type LimitBreach,
  type Plan,
  type PodDeletion,
  type ProbeState,
  type World,
} from './world.ts'

const service = { namespace: 'default', name: 'agent' }

function specOf(fields: Partial<AgentService['spec']>): AcceptedSpec {
  const checked = validate({
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'AgentService',
    metadata: { name: 'agent' },
    spec: { command: ['a'], ...fields },
  })
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues))
  return (checked.object as AgentService).spec as AcceptedSpec
}

type Event =
  | { readonly type: 'Advance'; readonly ms: number }
  | { readonly type: 'Claim' }
  | { readonly type: 'Exit'; readonly pick: number; readonly code: number }
  | {
      readonly type: 'Declare'
      readonly fields: Partial<AgentService['spec']>
      readonly revision: number
      readonly restart: number
      readonly uid: number
    }
  | { readonly type: 'Undeclare' }
  | { readonly type: 'Temper'; readonly stubborn: boolean; readonly unkillable: boolean }
  | { readonly type: 'Refuse'; readonly refused: boolean }
  | { readonly type: 'Probe'; readonly pick: number; readonly state: ProbeState }
  | { readonly type: 'Breach'; readonly pick: number; readonly breach: LimitBreach }
  /** Somebody deletes the pod that is shown. */
  | { readonly type: 'DeletePod'; readonly ordinal: number; readonly graceMs: number }
  /** The controller died: what it only remembered is gone; the host goes on. */
  | { readonly type: 'Crash' }
  | { readonly type: 'ShutDown'; readonly on: boolean }

const probeState = fc.constantFrom<ProbeState>(
  { started: false, ready: false, message: '' },
  { started: true, ready: true, message: '' },
  { started: true, ready: false, message: 'The readiness probe fails.' },
  { started: true, ready: false, failed: 'LivenessProbeFailed', message: 'The liveness probe fails.' },
  { started: false, ready: false, failed: 'StartupProbeFailed', message: 'The startup probe fails.' },
)

const declare = fc.record({
  type: fc.constant('Declare' as const),
  fields: fc.record(
    {
      replicas: fc.integer({ min: 0, max: 3 }),
      restartPolicy: fc.constantFrom('Always' as const, 'OnFailure' as const, 'Never' as const),
      operatingMode: fc.constantFrom('Running' as const, 'Running' as const, 'Stopped' as const),
      terminationGracePeriodSeconds: fc.constantFrom(0, 1, 30),
      readinessProbe: fc.constantFrom({ tcpSocket: { port: 80 } }),
    },
    { requiredKeys: [] },
  ),
  revision: fc.integer({ min: 1, max: 3 }),
  restart: fc.integer({ min: 0, max: 2 }),
  uid: fc.integer({ min: 1, max: 2 }),
})

const event: fc.Arbitrary<Event> = fc.oneof(
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
  { weight: 1, arbitrary: fc.constant({ type: 'Crash' as const }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('ShutDown' as const), on: fc.boolean() }) },
)

const history = fc.tuple(declare, fc.array(event, { maxLength: 40 })).map(([first, rest]) => [first, ...rest])

/** A host with a controller that plans after every event, as the reconcile loop does. */
class Simulation {
  readonly clock = new FakeClock()
  readonly runtime = new FakeRuntime(this.clock)
  accepted: AcceptedService | undefined
  #probes = new Map<string, ProbeState>()
  #breaches = new Map<string, LimitBreach>()
  #failures = new Map<number, { reason: 'StartFailed'; message: string; failedAtMs: number; count: number }>()
  shuttingDown = false
  /** On the disk: a crash loses none. */
  deletions: PodDeletion[] = []

  runs(): ObservedRun[] {
    return this.runtime.observe(service).flatMap(({ runs }) => runs)
  }

  world(): World {
    return deepFreeze({
      service,
      accepted: this.accepted,
      slots: this.runtime.observe(service),
      probes: new Map(this.#probes),
      breaches: new Map(this.#breaches),
      startFailures: new Map(this.#failures),
      deletions: [...this.deletions],
      shuttingDown: this.shuttingDown,
      nowMs: this.clock.nowMs(),
      wallMs: this.clock.wallMs(),
    })
  }

  apply(event: Event): void {
    const live = this.runs().filter(isLive)
    switch (event.type) {
      case 'Advance':
        this.clock.advance(event.ms)
        return
      case 'Claim':
        for (const run of live) this.runtime.claim(run.ref)
        return
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
      else if (action.type === 'Forget') this.runtime.forget(action.slot)
      else if (action.type === 'ForgetDeletion')
        this.deletions = this.deletions.filter((deletion) => !isDeepStrictEqual(deletion, action.deletion))
      else await this.#start(action)
    }
  }

  async #start({ ordinal, incarnation, restartCount, failures }: Extract<Action, { type: 'Start' }>): Promise<void> {
    const { accepted } = this
    if (accepted === undefined) throw new Error('a start of what is not declared')
    const { uid, revision, restartedAt, spec } = accepted
    const result = await this.runtime.start({
      slot: { ...service, uid, ordinal },
      incarnation,
      restartCount,
      failures,
      revision,
      restartedAt,
      command: spec.command,
      workingDir: '/',
      env: {},
      ports: [],
      stopSignal: spec.stopSignal,
      graceMs: spec.terminationGracePeriodSeconds * 1000,
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
    for (let round = 0; round < 60; round += 1) {
      for (const run of this.runs()) if (run.phase === 'Starting') this.runtime.claim(run.ref)
      const decided = plan(this.world())
      if (decided.actions.length === 0 && decided.requeueAfterMs === undefined) return decided
      await this.execute(decided.actions)
      if (decided.actions.length === 0) this.clock.advance(decided.requeueAfterMs ?? 1)
    }
    throw new Error(`did not settle: ${JSON.stringify(plan(this.world()), null, 1)}`)
  }
}

async function play(
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

const always = (check: Parameters<typeof play>[1], runs = 1000): Promise<void> =>
  fc.assert(
    fc.asyncProperty(history, async (events) => void (await play(events, check))),
    { numRuns: runs },
  )

const ofType = <T extends Action['type']>(decided: Plan, type: T): Extract<Action, { type: T }>[] =>
  decided.actions.filter((action): action is Extract<Action, { type: T }> => action.type === type)

const findRun = (world: World, ref: ObservedRun['ref']): ObservedRun | undefined =>
  world.slots
    .flatMap(({ runs }) => runs)
    .find((run) => run.ref.uid === ref.uid && run.ref.ordinal === ref.ordinal && run.ref.seq === ref.seq)

const deletionOf = (world: World, run: ObservedRun | undefined): PodDeletion | undefined =>
  world.deletions.find(
    ({ uid, ordinal, incarnation }) =>
      run?.ref.uid === uid && run.ref.ordinal === ordinal && run.record.incarnation === incarnation,
  )

describe('in every world the planner', () => {
  test('P1 comes to rest: once things have settled, it wants nothing more', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (events) => {
        const simulation = await play(events, () => undefined)
        // A service that ends again and again, or whose liveness probe fails, never rests; let it be well.
        simulation.apply({ type: 'Crash' })
        const rest = await simulation.settle()
        expect(rest.actions).toEqual([])
        expect(plan(simulation.world())).toEqual(rest)
      }),
      { numRuns: 1000 },
    )
  })

  test('P2 never has two live runs of one replica', async () => {
    await always((simulation) => {
      const live = simulation
        .runs()
        .filter(isLive)
        .map(({ ref }) => ref.ordinal)
      expect(new Set(live).size).toBe(live.length)
    })
  })

  test('P3 starts only what is wanted, free, and due', async () => {
    await always((_, world, decided) => {
      for (const { ordinal } of ofType(decided, 'Start')) {
        const { accepted } = world
        expect(accepted?.spec.operatingMode).toBe('Running')
        expect(world.shuttingDown).toBe(false)
        expect(ordinal).toBeLessThan(accepted?.spec.replicas ?? 0)
        const slots = world.slots.filter(({ ref }) => ref.ordinal === ordinal)
        expect(slots.flatMap(({ runs }) => runs).filter(isLive)).toEqual([])
        const last = slots.find(({ ref }) => ref.uid === accepted?.uid)?.runs.at(-1)
        if (
          last?.end?.reason !== 'Exited' ||
          accepted === undefined ||
          last.record.revision !== accepted.revision ||
          world.deletions.some(({ incarnation }) => incarnation >= last.record.incarnation) ||
          last.record.restartedAt !== accepted.restartedAt
        )
          continue
        expect(accepted.spec.restartPolicy).not.toBe('Never')
        const failures = last.end.lifetimeMs >= 600_000 ? 1 : last.record.failures + 1
        expect(world.nowMs - last.end.finishedAtMs).toBeGreaterThanOrEqual(
          backoffMs(accepted.spec.backoff, failures, last.record.runId),
        )
      }
    })
  })

  test('P4 kills only what was asked to end and had its time', async () => {
    await always((_, world, decided) => {
      for (const { run } of ofType(decided, 'Kill')) {
        const found = findRun(world, run)
        const stop = found?.stop
        expect(stop).toBeDefined()
        const graceMs = Math.min(stop?.graceMs ?? 0, deletionOf(world, found)?.graceMs ?? Infinity)
        expect(world.nowMs).toBeGreaterThanOrEqual((stop?.requestedAtMs ?? Infinity) + graceMs)
      }
    })
  })

  test('P5 stops a run only for a reason that is true', async () => {
    await always((_, world, decided) => {
      for (const { run, reason } of ofType(decided, 'Stop')) {
        const { accepted } = world
        const record = findRun(world, run)?.record
        const truth: Partial<Record<typeof reason, boolean>> = {
          SpecChanged: accepted?.revision !== record?.revision,
          RestartRequested: accepted?.restartedAt !== record?.restartedAt,
          PodDeleted: deletionOf(world, findRun(world, run)) !== undefined,
          ScaledDown: run.ordinal >= (accepted?.spec.replicas ?? 0),
          Stopped: accepted?.spec.operatingMode === 'Stopped',
          ServiceDeleted: accepted?.uid !== run.uid,
          ControllerShutdown: world.shuttingDown,
          LivenessProbeFailed: world.probes.get(record?.runId ?? '')?.failed === 'LivenessProbeFailed',
          StartupProbeFailed: world.probes.get(record?.runId ?? '')?.failed === 'StartupProbeFailed',
          MemoryLimitExceeded: world.breaches.get(record?.runId ?? '')?.memory !== undefined,
        }
        expect(truth[reason]).toBe(true)
      }
    })
  })

  test('P6 asks to be called again while anything is pending, and never for at once', async () => {
    await always((_, world, decided) => {
      if (decided.requeueAfterMs !== undefined) expect(decided.requeueAfterMs).toBeGreaterThan(0)
      const inFlight = world.slots
        .flatMap(({ runs }) => runs)
        .some((run) => isLive(run) && (run.phase !== 'Running' || run.stop !== undefined))
      const waits = decided.replicas.some(({ retryAtMs }) => retryAtMs !== undefined)
      const acts = decided.actions.some(({ type }) => type !== 'Forget' && type !== 'ForgetDeletion')
      if (inFlight || waits || acts) expect(decided.requeueAfterMs).toBeDefined()
    })
  })

  test('P7 says things that fit together', async () => {
    await always((_, world, decided) => {
      if (world.accepted === undefined) {
        expect(decided.judgements).toEqual([])
        return
      }
      const [ready, progressing, stalled] = decided.judgements
      expect(decided.judgements.map(({ type }) => type)).toEqual(['Ready', 'Progressing', 'Stalled'])
      if (stalled?.status === 'True') expect(ready?.status).toBe('False')
      expect(stalled?.status === 'True' && progressing?.status === 'True').toBe(false)
      expect(ready?.status === 'True').toBe(decided.replicas.every((replica) => replica.ready))
      const unfinished = decided.judgements.filter(({ message }) => !/^(orc|[A-Z0-9]).*\.$/s.test(message))
      expect(unfinished).toEqual([])
      expect(decided.replicas).toHaveLength(world.accepted.spec.replicas)
    })
  })

  test('P8 answers the same to the same, and leaves its input alone', async () => {
    await always((_, world, decided) => {
      expect(plan(world)).toEqual(decided)
    }, 300)
  })

  test('P9 waits longer after each failure, up to the cap', () => {
    const backoff = specOf({}).backoff
    const exact = { ...backoff, jitterPercent: 0 }
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 50].map((failures) => backoffMs(exact, failures, 'r'))
    expect(waits).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    fc.assert(
      fc.property(fc.nat(100), fc.uuid(), (failures, runId) => {
        const wait = backoffMs(backoff, failures, runId)
        const least = backoffMs(exact, failures, runId)
        expect(wait).toBeGreaterThanOrEqual(least)
        expect(wait).toBeLessThanOrEqual(least * 1.2)
      }),
    )
  })

  test('P10 loses nothing when the controller dies between any two actions', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat(3), async (events, survives) => {
        const simulation = new Simulation()
        for (const event of events) {
          simulation.apply(event)
          // Only the first actions of the plan are carried out; then a new controller plans from what it sees.
          await simulation.execute(plan(simulation.world()).actions.slice(0, survives))
          simulation.apply({ type: 'Crash' })
          const live = simulation
            .runs()
            .filter(isLive)
            .map(({ ref }) => ref.ordinal)
          expect(new Set(live).size).toBe(live.length)
        }
        const { accepted, shuttingDown } = simulation
        await simulation.settle()
        const wanted =
          accepted === undefined || shuttingDown || accepted.spec.operatingMode === 'Stopped'
            ? 0
            : accepted.spec.replicas
        expect(simulation.runs().filter(isLive).length).toBeLessThanOrEqual(wanted)
        if (accepted?.spec.restartPolicy === 'Always') expect(simulation.runs().filter(isLive)).toHaveLength(wanted)
      }),
      { numRuns: 500 },
    )
  })

  test('P11 never shows a pod again, nor runs one, after somebody deleted it and its process has gone', async () => {
    const over = new Map<Simulation, Map<string, number>>()
    await always((simulation, world, decided) => {
      const floors = over.get(simulation) ?? new Map<string, number>()
      over.set(simulation, floors)
      const { accepted } = world
      if (accepted === undefined) {
        floors.clear()
        return
      }
      for (const { uid, ordinal, incarnation } of world.deletions) {
        const key = `${uid}/${String(ordinal)}`
        const slot = world.slots.find(({ ref }) => ref.uid === uid && ref.ordinal === ordinal)
        const isLiving = slot?.runs.some((run) => isLive(run) && run.record.incarnation === incarnation) === true
        // A replica that nobody wanted for a while begins anew, and so do its incarnations.
        const isWanted = accepted.uid === uid && ordinal < accepted.spec.replicas
        if (!isWanted) floors.delete(key)
        else if (!isLiving) floors.set(key, Math.max(floors.get(key) ?? 0, incarnation))
      }
      for (const [key] of floors) {
        const [uid, ordinal] = key.split('/')
        if (uid !== accepted.uid || Number(ordinal) >= accepted.spec.replicas) floors.delete(key)
      }
      for (const view of decided.replicas) {
        const floor = floors.get(`${accepted.uid}/${String(view.ordinal)}`) ?? 0
        expect(view.incarnation).toBeGreaterThan(floor)
        if (floor === view.incarnation - 1 && view.newest === undefined) expect(view.restartCount).toBe(0)
      }
      for (const start of ofType(decided, 'Start'))
        expect(start.incarnation).toBeGreaterThan(floors.get(`${accepted.uid}/${String(start.ordinal)}`) ?? 0)
    })
  })

  test('P12 carries out every deletion: a new pod with a clean record, and nothing is remembered', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat(2), fc.boolean(), async (events, ordinal, crashes) => {
        const simulation = await play(events, () => undefined)
        simulation.shuttingDown = false
        simulation.apply({ type: 'Declare', fields: { replicas: 3 }, revision: 1, restart: 0, uid: 1 })
        simulation.apply({ type: 'Temper', stubborn: false, unkillable: false })
        await simulation.settle()
        const before = plan(simulation.world()).replicas[ordinal]
        simulation.apply({ type: 'DeletePod', ordinal, graceMs: 0 })
        if (crashes) simulation.apply({ type: 'Crash' })
        await simulation.settle()
        const after = plan(simulation.world()).replicas[ordinal]
        expect(after?.incarnation).toBe((before?.incarnation ?? 0) + 1)
        expect(after?.restartCount).toBe(0)
        expect(after?.ready).toBe(true)
        expect(simulation.deletions).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})
