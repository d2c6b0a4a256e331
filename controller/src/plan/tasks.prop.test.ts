/** What must hold of init commands and hooks in every world, over thousands of random histories. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { event, type Event } from '../../test/plan-events.ts'
import { deletionOf, findRun, ofType, play } from '../../test/plan-host.ts'
import type { ObservedRun } from '../runtime/runtime.ts'
import { isInit, isSameSlot, outcomeOf, taskState } from './tasks.ts'
import { isLive, type Plan, type World } from './world.ts'

/** One service with tasks of every kind, which get on most of the time; anything else happens now and then. */
const history = fc
  .tuple(
    fc.integer({ min: 1, max: 2 }),
    fc.constantFrom(0, 1, 30),
    fc.array(
      fc.oneof(
        { weight: 8, arbitrary: fc.constant<Event>({ type: 'Claim' }) },
        {
          weight: 8,
          arbitrary: fc.record({
            type: fc.constant('ExitTask' as const),
            pick: fc.nat(3),
            code: fc.constantFrom(0, 0, 0, 1),
          }),
        },
        {
          weight: 3,
          arbitrary: fc.record({ type: fc.constant('Advance' as const), ms: fc.constantFrom(10, 1000, 6000, 40_000) }),
        },
        {
          weight: 2,
          arbitrary: fc.record({ type: fc.constant('Exit' as const), pick: fc.nat(3), code: fc.constantFrom(0, 1) }),
        },
        {
          weight: 1,
          arbitrary: fc.integer({ min: 1, max: 2 }).map((revision) => ({ type: 'Revise' as const, revision })),
        },
        { weight: 2, arbitrary: event.filter(({ type }) => type !== 'Declare') },
      ),
      { minLength: 10, maxLength: 50 },
    ),
  )
  .map(([replicas, terminationGracePeriodSeconds, events]): Event[] => {
    const fields = {
      replicas,
      terminationGracePeriodSeconds,
      initCommands: [
        { name: 'migrate', command: ['m'], timeoutSeconds: 60 },
        { name: 'warm', command: ['w'], when: 'EveryStart' as const },
      ],
      lifecycle: {
        postStart: { exec: { command: ['p'] } },
        preStop: { exec: { command: ['q'] }, timeoutSeconds: 5 },
      },
    }
    const revise = (revision: number): Event => ({ type: 'Declare', fields, revision, restart: 0, uid: 1 })
    return [revise(1), ...events.map((each) => (each.type === 'Revise' ? revise(each.revision) : each))]
  })

const always = (check: Parameters<typeof play>[1]): Promise<void> =>
  fc.assert(
    fc.asyncProperty(history, async (events) => void (await play(events, check))),
    { numRuns: 500 },
  )

/** Runs of the replicas whose signal is asked for now. */
function signalled(world: World, decided: Plan): readonly ObservedRun[] {
  return ofType(decided, 'Stop')
    .filter(({ run, isHeld, graceMs }) => run.task === undefined && isHeld !== true && graceMs > 0)
    .flatMap(({ run }) => findRun(world, run) ?? [])
    .filter(({ phase, record }) => phase !== 'Ending' && record.hooks?.preStop !== undefined)
}

describe('in every world', () => {
  test('T1 there are never two of one task, and none is started beside one that lives', async () => {
    await always((_, world, decided) => {
      for (const { runs } of world.tasks) expect(runs.filter(isLive).length).toBeLessThanOrEqual(1)
      const starts = ofType(decided, 'StartTask')
      for (const { slot } of starts) {
        expect(world.tasks.find(({ ref }) => isSameSlot(ref, slot))?.runs.some(isLive) ?? false).toBe(false)
        expect(starts.filter((other) => isSameSlot(other.slot, slot))).toHaveLength(1)
      }
    })
  })

  test('T2 no process is started before its init commands have ended well', async () => {
    await always((_, world, decided) => {
      for (const { ordinal } of ofType(decided, 'Start'))
        for (const { name, when } of world.accepted?.spec.initCommands ?? []) {
          const { uid, revision } = world.accepted ?? { uid: '', revision: '' }
          const last = world.slots.find(({ ref }) => ref.uid === uid && ref.ordinal === ordinal)?.runs.at(-1)
          const isShared = when !== 'EveryStart'
          const ref = { ...world.service, uid, ordinal: isShared ? 0 : ordinal, task: `init-${name}` }
          const target = isShared ? revision : (last?.record.runId ?? 'first')
          expect(taskState(world, ref, target).type).toBe('Done')
        }
    })
  })

  test('T3 what ended well is not done again, and a hook runs once whatever came of it', async () => {
    await always((_, world) => {
      for (const { ref, runs } of world.tasks) {
        const counted = runs.filter((run) =>
          isInit(ref) ? outcomeOf(run) === 'Done' : run.end?.reason !== 'Cancelled',
        )
        const targets = counted.map(({ record }) => record.assignment?.target)
        expect(new Set(targets).size).toBe(targets.length)
      }
    })
  })

  test('T4 the signal waits for preStop, unless that is late or has failed', async () => {
    await always((_, world, decided) => {
      for (const run of signalled(world, decided)) {
        const state = taskState(world, { ...run.ref, task: 'pre-stop' }, run.record.runId)
        if (state.type === 'Running')
          expect(world.nowMs).toBeGreaterThanOrEqual(
            state.run.record.orderedAtMs + (state.run.record.assignment?.timeoutSeconds ?? 0) * 1000,
          )
        else expect(['Done', 'Failed', 'Undone']).toContain(state.type)
        if (state.type === 'Undone')
          expect(world.tasks.flatMap(({ runs }) => runs).map(({ record }) => record.assignment?.target)).toContain(
            run.record.runId,
          )
      }
    })
  })

  test('T5 a stop has its time of grace and no more, whatever preStop does', async () => {
    await always((_, world, decided) => {
      for (const run of world.slots.flatMap(({ runs }) => runs)) {
        const { stop } = run
        if (stop === undefined || run.phase === 'Ending' || !isLive(run) || stop.killedAtMs !== undefined) continue
        const graceMs = Math.min(stop.graceMs, deletionOf(world, run)?.graceMs ?? Infinity)
        if (world.nowMs < stop.requestedAtMs + graceMs) continue
        expect(
          ofType(decided, 'Kill').some(({ run: { seq, ...slot } }) => isSameSlot(slot, run.ref) && seq === run.ref.seq),
        ).toBe(true)
      }
    })
  })

  test('T6 a task is ended only when it is late or nobody waits for it', async () => {
    await always((_, world, decided) => {
      for (const { run, reason } of ofType(decided, 'Stop')) {
        if (run.task === undefined) continue
        const { accepted } = world
        const record = findRun(world, run)?.record
        const timeoutMs = (record?.assignment?.timeoutSeconds ?? 0) * 1000
        const main = world.slots
          .flatMap(({ runs }) => runs)
          .find((other) => other.record.runId === record?.assignment?.target)
        const isMainOver = main?.phase !== 'Running' || (run.task === 'post-start' && main.stop !== undefined)
        const truth: Partial<Record<typeof reason, boolean>> = {
          DeadlineExceeded: world.nowMs >= (record?.orderedAtMs ?? Infinity) + timeoutMs,
          ServiceDeleted: accepted?.uid !== run.uid,
          ControllerShutdown: world.shuttingDown,
          SpecChanged: accepted?.revision !== record?.revision,
          Stopped: accepted?.spec.operatingMode === 'Stopped' || isMainOver,
        }
        expect(truth[reason]).toBe(true)
      }
    })
  })

  test('T7 a replica is not ready before postStart has ended well', async () => {
    await always((_, world, decided) => {
      for (const { ready, newest } of decided.replicas) {
        if (!ready || newest?.record.hooks?.postStart === undefined) continue
        expect(taskState(world, { ...newest.ref, task: 'post-start' }, newest.record.runId).type).toBe('Done')
      }
    })
  })
})
