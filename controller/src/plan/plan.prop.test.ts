/** What must hold in every world: properties of the planner over thousands of random histories on a simulated host. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plan } from './plan.ts'
import { history } from '../../test/plan-events.ts'
import { always, deletionOf, findRun, ofType, play, Simulation, slotsOf, specOf } from '../../test/plan-host.ts'
import { hasPostStartFailed } from './hooks.ts'
import { backoffMs } from './restart.ts'
import { isLive } from './world.ts'

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
        expect(world.dependencies.every(({ unmet }) => unmet === undefined)).toBe(true)
        expect(world.shortages.has(ordinal)).toBe(false)
        expect(ordinal).toBeLessThan(slotsOf(accepted))
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
        const found = findRun(world, run)
        // What is asked again after preStop was true then; of tasks see tasks.prop.test.ts.
        if (run.task !== undefined || found?.stop !== undefined) continue
        const record = found?.record
        const truth: Partial<Record<typeof reason, boolean>> = {
          SpecChanged: accepted?.revision !== record?.revision,
          RestartRequested: accepted?.restartedAt !== record?.restartedAt,
          ConfigChanged: accepted?.configRevision !== record?.configRevision,
          DependencyRestarted: (record?.orderedAtMs ?? Infinity) < (accepted?.notBeforeMs ?? 0),
          PodDeleted: deletionOf(world, found) !== undefined,
          PostStartFailed: found !== undefined && hasPostStartFailed(world, found),
          ScaledDown: run.ordinal >= (accepted?.spec.replicas ?? 0),
          Stopped: accepted?.spec.operatingMode === 'Stopped',
          ServiceDeleted: accepted?.uid !== run.uid,
          ControllerShutdown: world.shuttingDown,
          CPULimitExceeded:
            accepted?.spec.restartPolicyOnCPULimit === 'Restart' &&
            world.breaches.get(record?.runId ?? '')?.cpu !== undefined,
          MemoryLimitExceeded: world.breaches.get(record?.runId ?? '')?.memory !== undefined,
          LivenessProbeFailed: world.probes.get(record?.runId ?? '')?.failed === 'LivenessProbeFailed',
          StartupProbeFailed: world.probes.get(record?.runId ?? '')?.failed === 'StartupProbeFailed',
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
      const memories = ['Forget', 'ForgetDeletion', 'Prove', 'RollBack']
      const acts = decided.actions.some(({ type }) => !memories.includes(type))
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
      const wanted = decided.replicas.slice(0, world.accepted.spec.replicas)
      expect(ready?.status === 'True').toBe(wanted.every((replica) => replica.ready))
      const unfinished = decided.judgements.filter(({ message }) => !/^(orc|[A-Z0-9]).*\.$/s.test(message))
      expect(unfinished).toEqual([])
      const { replicas } = world.accepted.spec
      expect([replicas, slotsOf(world.accepted)]).toContain(decided.replicas.length)
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
        // While a new revision does not come to serve, one more may stand in.
        const live = simulation.runs().filter(isLive).length
        expect(live).toBeLessThanOrEqual(wanted === 0 ? 0 : slotsOf(accepted))
        if (accepted?.spec.restartPolicy === 'Always') expect(live).toBeGreaterThanOrEqual(wanted)
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
