import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DelayHeap } from './delay-heap.ts'

/** The obvious one: a list, sorted at each step. */
class Model {
  readonly entries = new Map<string, { dueMs: number; order: number }>()
  #order = 0

  put(key: string, dueMs: number): void {
    const known = this.entries.get(key)
    if (known === undefined || dueMs < known.dueMs) this.entries.set(key, { dueMs, order: this.#order++ })
  }

  take(nowMs: number): string | undefined {
    const due = [...this.entries].filter(([, entry]) => entry.dueMs <= nowMs)
    const [first] = due.sort(([, a], [, b]) => a.dueMs - b.dueMs || a.order - b.order)
    if (first !== undefined) this.entries.delete(first[0])
    return first?.[0]
  }

  get dueMs(): number | undefined {
    return this.entries.size === 0 ? undefined : Math.min(...[...this.entries.values()].map(({ dueMs }) => dueMs))
  }
}

const key = fc.integer({ min: 0, max: 30 }).map((n) => `k${n}`)
// Many keys of the same time, and never so many taken that the heap stays flat.
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ key, dueMs: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ nowMs: fc.nat(9) }) },
)

test('gives the same keys in the same order as a sorted list', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const heap = new DelayHeap()
      const model = new Model()
      for (const step of steps) {
        if ('key' in step) void (heap.put(step.key, step.dueMs), model.put(step.key, step.dueMs))
        else expect(heap.take(step.nowMs)).toBe(model.take(step.nowMs))
        expect(heap.dueMs).toBe(model.dueMs)
      }
    }),
  )
})

test('clear leaves nothing behind, also no earlier time of a key', () => {
  const heap = new DelayHeap()
  heap.put('foo', 1)
  heap.clear()
  expect(heap.take(10)).toBeUndefined()
  heap.put('foo', 5)
  expect(heap.dueMs).toBe(5)
})
