import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Event } from '../../test/plan-events.ts'
import { Simulation, specOf } from '../../test/plan-host.ts'
import { plan } from './plan.ts'

type Step =
  | Event
  /** The content that the service mentions changes, or is not all there any more. */
  | { readonly type: 'Change'; readonly content: string | undefined }
  | { readonly type: 'Deaf'; readonly deaf: boolean }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ type: 'Claim' as const }) },
  { weight: 2, arbitrary: fc.constant({ type: 'Advance' as const, ms: 2500 }) },
  { weight: 1, arbitrary: fc.nat(3).map((pick) => ({ type: 'Exit' as const, pick, code: 1 })) },
  { weight: 2, arbitrary: fc.constant({ type: 'Crash' as const }) },
  { weight: 1, arbitrary: fc.boolean().map((deaf) => ({ type: 'Deaf' as const, deaf })) },
  {
    weight: 5,
    arbitrary: fc.constantFrom('c1', 'c2', 'c3', undefined).map((content) => ({ type: 'Change' as const, content })),
  },
)

function begin(mode: 'None' | 'Signal', replicas: number): Simulation {
  const simulation = new Simulation()
  const files = [{ configMapRef: { name: 'settings' } }]
  const spec = specOf({ replicas, files, reload: { mode }, backoff: { initialSeconds: 1 } })
  simulation.accepted = { uid: 'u', revision: 'r1', restartedAt: '', content: 'c1', spec }
  return simulation
}

function change(simulation: Simulation, content: string | undefined): void {
  const { accepted } = simulation
  if (accepted === undefined) return
  const { content: _, ...rest } = accepted
  simulation.accepted = content === undefined ? rest : { ...rest, content }
}

/** A controller that is killed after any of its actions, and one that takes over. */
async function act(simulation: Simulation, most: number): Promise<void> {
  const { actions } = plan(simulation.world())
  for (const action of actions)
    if (action.type === 'Signal') {
      const run = simulation.runs().find(({ ref }) => ref.ordinal === action.run.ordinal && ref.seq === action.run.seq)
      expect(run?.projected).toBe(action.configRevision)
      expect(run?.told ?? run?.record.configRevision).not.toBe(action.configRevision)
    }
  await simulation.execute(actions.slice(0, most))
}

test('a process is told once of each change, after its files, whatever dies; all know the newest in the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.tuple(step, fc.integer({ min: 0, max: 4 })), { maxLength: 40 }),
      async (replicas, steps) => {
        const simulation = begin('Signal', replicas)
        for (const [event, most] of steps) {
          if (event.type === 'Change') change(simulation, event.content)
          else if (event.type === 'Deaf') simulation.runtime.deaf = event.deaf
          else simulation.apply(event)
          await act(simulation, most)
        }
        change(simulation, 'last')
        simulation.runtime.deaf = false
        await simulation.settle()
        for (const { record, told, projected, phase } of simulation.runs()) {
          const signals = simulation.runtime.signals.filter(({ runId }) => runId === record.runId)
          const known = [record.configRevision, ...signals.map(({ configRevision }) => configRevision)]
          // It never hears twice in a row of the same, nor first of what it began with.
          for (const [index, revision] of known.slice(1).entries()) expect(revision).not.toBe(known[index])
          if (phase === 'Running') expect([known.at(-1), projected, told ?? known[0]]).toEqual(['last', 'last', 'last'])
        }
        expect(simulation.runs().filter(({ phase }) => phase === 'Running')).toHaveLength(replicas)
      },
    ),
    { numRuns: 500 },
  )
})

test('with None the files follow, and nobody is told or replaced', async () => {
  const simulation = begin('None', 2)
  await simulation.settle()
  const before = simulation.runs().map(({ record }) => record.runId)
  for (const content of ['c2', 'c3', 'c1']) {
    change(simulation, content)
    await simulation.settle()
    expect(simulation.runs().map(({ projected }) => projected)).toEqual([content, content])
  }
  expect(simulation.runs().map(({ record }) => record.runId)).toEqual(before)
  expect(simulation.runtime.signals).toEqual([])
})
