/** Whatever producers, workers and time do: no key is lost, doubled or starved. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeClock } from '../clock-fake.ts'
import { ExponentialLimiter } from './rate-limiter.ts'
import { WorkQueue } from './work-queue.ts'

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), key }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('addAfter' as const), key, ms: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('addRateLimited' as const), key }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('get' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('done' as const), index: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.nat(30) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** A queue, with a record of what it owes: written from what was asked of it, not from how it works. */
class World {
  readonly clock = new FakeClock({ nowMs: 0 })
  readonly queue = new WorkQueue(this.clock, new ExponentialLimiter({ initialMs: 3, maxMs: 30 }))
  /** The keys with an add since they were last taken, in the order in which they became free to be taken. */
  readonly owed: string[] = []
  /** Added while held: owed from their done on. */
  readonly owedAfterDone = new Set<string>()
  /** Earliest time of each delayed key, and the order of asking. */
  readonly delayed = new Map<string, { dueMs: number; order: number }>()
  readonly held: string[] = []
  waiting = 0
  /** What waiting workers must have got since the last look, and what they did get. */
  readonly given: string[] = []
  readonly taken: string[] = []
  #order = 0

  async run(step: Step): Promise<void> {
    if (step.do === 'add') this.#add(step.key)
    else if (step.do === 'addAfter') this.#addAfter(step.key, step.ms)
    else if (step.do === 'addRateLimited') this.#addRateLimited(step.key)
    else if (step.do === 'get') this.#get()
    else if (step.do === 'done') this.#done(step.index)
    else this.#advance(step.ms)
    await new Promise<void>((resolve) => setImmediate(resolve))
    this.#expectWhatIsOwed()
  }

  /** Workers take and return until nothing is left. */
  async settle(): Promise<void> {
    await this.run({ do: 'advance', ms: 100 })
    while (this.held.length > 0 || this.owed.length > 0) {
      while (this.held.length > 0) await this.run({ do: 'done', index: 0 })
      if (this.owed.length > 0) await this.run({ do: 'get' })
    }
  }

  #add(key: string): void {
    this.#owe(key)
    this.queue.add(key)
  }

  #addAfter(key: string, ms: number): void {
    this.#delay(key, ms)
    this.queue.addAfter(key, ms)
  }

  #addRateLimited(key: string): void {
    this.#delay(key, Math.min(3 * 2 ** this.queue.retries(key), 30))
    this.queue.addRateLimited(key)
  }

  #get(): void {
    this.waiting++
    void this.queue.get().then((key) => this.taken.push(String(key)))
  }

  #done(index: number): void {
    const key = this.held[index % Math.max(this.held.length, 1)]
    if (key === undefined) return
    this.held.splice(this.held.indexOf(key), 1)
    if (this.owedAfterDone.delete(key)) this.owed.push(key)
    this.queue.done(key)
  }

  #advance(ms: number): void {
    const endMs = this.clock.nowMs() + ms
    const due = [...this.delayed].filter(([, { dueMs }]) => dueMs <= endMs)
    for (const [key] of due.sort(([, a], [, b]) => a.dueMs - b.dueMs || a.order - b.order)) {
      this.delayed.delete(key)
      // Who waits gets it at its time, and so holds it when the next one comes.
      this.#owe(key)
      this.#give()
    }
    this.clock.advance(ms)
  }

  #owe(key: string): void {
    if (this.held.includes(key) || this.given.includes(key)) this.owedAfterDone.add(key)
    else if (!this.owed.includes(key)) this.owed.push(key)
  }

  #delay(key: string, ms: number): void {
    const dueMs = this.clock.nowMs() + ms
    if (dueMs < (this.delayed.get(key)?.dueMs ?? Infinity)) this.delayed.set(key, { dueMs, order: this.#order++ })
  }

  #give(): void {
    for (; this.waiting > 0 && this.owed.length > 0; this.waiting--) this.given.push(this.owed.shift() as string)
  }

  #expectWhatIsOwed(): void {
    this.#give()
    // In order: FIFO, hence no starvation. All of it: nothing lost. No more: nothing doubled.
    expect(this.taken.splice(0)).toEqual(this.given)
    for (const key of this.given.splice(0)) {
      expect(this.held).not.toContain(key)
      this.held.push(key)
    }
    expect(this.queue.length).toBe(this.owed.length)
    expect(this.clock.timers).toBe(this.delayed.size > 0 ? 1 : 0)
  }
}

test('every add is followed by a get, in the order of adding, and no key is held by two workers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const world = new World()
      for (const step of steps) await world.run(step)
      await world.settle()
      expect([world.queue.length, world.owed, world.owedAfterDone.size, world.delayed.size]).toEqual([0, [], 0, 0])
      await world.queue.shutDownWithDrain()
    }),
    { numRuns: 300 },
  )
})
