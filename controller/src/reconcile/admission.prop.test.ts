/** What must hold for several services on one host, in random histories, also when the controller dies. */
import type { AgentService } from '@orc/schemas'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Event } from '../../test/plan-events.ts'
import { ofType, service, Simulation } from '../../test/plan-host.ts'
import { plan } from '../plan/plan.ts'
import { isLive, type Plan, type World } from '../plan/world.ts'
import { Admission } from './admission.ts'

const NOTHING = { cpuMillis: 0, memoryBytes: 0 }
const HOST = { allocatable: { cpuMillis: 2000, memoryBytes: 0 }, kept: NOTHING }
const NAMES = ['a', 'b', 'c'] as const

type Step =
  | { readonly name: (typeof NAMES)[number]; readonly event: Event }
  /** The controller dies, and perhaps all that runs before the next one begins. */
  | { readonly name: 'controller'; readonly event: { readonly type: 'Crash'; readonly exits: boolean } }

const fields = fc.record(
  {
    replicas: fc.integer({ min: 0, max: 2 }),
    priority: fc.constantFrom(0, 0, 1),
    operatingMode: fc.constantFrom('Running' as const, 'Running' as const, 'Stopped' as const),
    restartPolicy: fc.constantFrom('Always' as const, 'OnFailure' as const),
    resources: fc
      .constantFrom('300m', '800m', '1100m', '2500m')
      .map((cpu): NonNullable<AgentService['spec']['resources']> => ({ requests: { cpu } })),
    updateStrategy: fc.record({ maxSurge: fc.constantFrom(0, 1) }),
  },
  { requiredKeys: ['resources'] },
)

const event = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Event>({ type: 'Claim' }, { type: 'Advance', ms: 3000 }) },
  { weight: 2, arbitrary: fc.nat(3).map((pick): Event => ({ type: 'Exit', pick, code: pick % 2 })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fields, fc.integer({ min: 1, max: 2 }))
      .map(([spec, revision]): Event => ({ type: 'Declare', fields: spec, revision, restart: 0, uid: 1 })),
  },
  { weight: 1, arbitrary: fc.constant<Event>({ type: 'Undeclare' }) },
  { weight: 1, arbitrary: fc.boolean().map((isMet): Event => ({ type: 'Depend', isMet })) },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ name: fc.constantFrom(...NAMES), event }) },
  {
    weight: 1,
    arbitrary: fc.boolean().map((exits): Step => ({ name: 'controller', event: { type: 'Crash', exits } })),
  },
)

class Fleet {
  readonly services = new Map(NAMES.map((name) => [name as string, new Simulation()]))
  admission: Admission
  readonly hinted = new Set<string>()

  constructor() {
    this.admission = this.#begin()
    this.admission.open()
    for (const [name, simulation] of this.services)
      simulation.reservedFor = (ordinal) =>
        this.admission.reservedFor({ namespace: 'default', name, uid: 'uid-1', ordinal })
  }

  #begin(): Admission {
    return new Admission({ host: HOST, onChange: (key) => this.hinted.add(key.split('/').at(-1) ?? '') })
  }

  /** Only what is on the disk is left. */
  crash(exits: boolean): void {
    for (const { runtime } of exits ? this.services.values() : [])
      for (const { runs } of runtime.observe(service)) for (const run of runs.filter(isLive)) runtime.exit(run.ref, 1)
    this.admission = this.#begin()
    for (const [name, simulation] of this.services) {
      simulation.apply({ type: 'Crash' })
      this.admission.admit(this.worldOf(name))
      this.hinted.add(name)
    }
    this.admission.open()
  }

  of(name: string): Simulation {
    const found = this.services.get(name)
    if (found === undefined) throw new Error(name)
    return found
  }

  worldOf(name: string): World {
    return { ...this.of(name).world(), service: { namespace: 'default', name } }
  }

  async pass(name: string): Promise<{ world: World; decided: Plan }> {
    const world = this.admission.admit(this.worldOf(name))
    const decided = plan(world)
    await this.of(name).execute(decided.actions)
    return { world, decided }
  }

  get reserved(): number {
    return this.admission.shares().reserved.cpuMillis
  }

  reservedFor(name: string, ordinal: number): number {
    return this.admission.reservedFor({ namespace: 'default', name, uid: 'uid-1', ordinal }).cpuMillis
  }
}

test('no more is started than there is room for, whoever dies, and what has a place keeps it', async () => {
  const seen = { starts: 0, waits: 0, kept: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 50 }), async (steps) => {
      const fleet = new Fleet()
      // What runs counts as it was started, even where less was asked for later and that is forgotten.
      let most = HOST.allocatable.cpuMillis
      for (const { name, event } of steps) {
        if (name === 'controller') {
          const placed = placesOf(fleet)
          fleet.crash(event.exits)
          most = Math.max(HOST.allocatable.cpuMillis, fleet.reserved)
          for (const place of placed) {
            const world = fleet.admission.admit(fleet.worldOf(place.name))
            expect(world.shortages.has(place.ordinal)).toBe(false)
            seen.kept += 1
          }
        } else {
          fleet.of(name).apply(event)
          fleet.hinted.add(name)
        }
        for (const next of fleet.hinted) {
          fleet.hinted.delete(next)
          const { world, decided } = await fleet.pass(next)
          const starts = ofType(decided, 'Start')
          seen.starts += starts.length
          seen.waits += world.shortages.size
          for (const { ordinal } of starts) expect(fleet.reservedFor(next, ordinal)).toBeGreaterThan(0)
          expect(fleet.reserved).toBeLessThanOrEqual(most)
          most = Math.max(HOST.allocatable.cpuMillis, Math.min(most, fleet.reserved))
        }
      }
    }),
    { numRuns: 150 },
  )
  expect(Math.min(seen.starts, seen.waits, seen.kept)).toBeGreaterThan(30)
})

/** Replicas of the revision in force that run, or have crashed and come again. */
function placesOf(fleet: Fleet): { readonly name: string; readonly ordinal: number }[] {
  return NAMES.flatMap((name) => {
    const { accepted } = fleet.of(name)
    if (accepted?.spec.operatingMode !== 'Running' || accepted.spec.restartPolicy !== 'Always') return []
    return fleet.worldOf(name).slots.flatMap(({ ref, runs }) => {
      const last = runs.at(-1)
      const isPlaced = last?.record.revision === accepted.revision && (isLive(last) || last.end?.reason === 'Exited')
      return isPlaced && ref.ordinal < accepted.spec.replicas && ref.uid === accepted.uid
        ? [{ name, ordinal: ref.ordinal }]
        : []
    })
  })
}

test('one that crashed while no controller was there is not passed by whoever waited before', async () => {
  const fleet = new Fleet()
  const declare = async (name: string, cpu: string, priority: number): Promise<void> => {
    const spec = { priority, resources: { requests: { cpu } } }
    fleet.of(name).apply({ type: 'Declare', fields: spec, revision: 1, restart: 0, uid: 1 })
    await fleet.pass(name)
    fleet.of(name).apply({ type: 'Claim' })
  }
  await declare('c', '1100m', 0)
  await declare('a', '1100m', 1)
  expect(fleet.of('a').runs()).toEqual([])
  fleet.crash(true)
  await fleet.pass('a')
  await fleet.pass('c')
  expect(fleet.of('a').runs()).toEqual([])
  expect(fleet.of('c').runs().filter(isLive)).toHaveLength(1)
})
