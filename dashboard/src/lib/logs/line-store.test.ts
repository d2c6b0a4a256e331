import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineStore, type LogLine } from './line-store.ts'

const source = { namespace: 'default', service: 'default/a', pod: 'a-0' }
const line = (id: number, atMs: number): LogLine => ({ id, atMs, source, text: String(id) })

/** Batches of times; lines get their numbers as they arrive. */
const batches = fc.array(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 40 }), { maxLength: 12 })

function storeOf(times: readonly (readonly number[])[], repeat = 1): { store: LineStore; all: LogLine[] } {
  const store = new LineStore()
  const all: LogLine[] = []
  for (const batch of times) {
    const lines = batch
      .flatMap((atMs) => Array.from({ length: repeat }, () => atMs))
      .map((atMs, n) => line(all.length + n, atMs))
    store.add(lines)
    all.push(...lines)
  }
  return { store, all: all.toSorted((a, b) => a.atMs - b.atMs || a.id - b.id) }
}

test('whatever comes when, all lines stand in the order of time, then of arrival', () => {
  fc.assert(
    fc.property(batches, fc.constantFrom(1, 200), (times, repeat) => {
      const { store, all } = storeOf(times, repeat)
      expect(store.size).toBe(all.length)
      expect(store.slice(0, store.size)).toEqual(all)
    }),
    { numRuns: 60 },
  )
})

test('each line is found where it stands, and each part of the list is cut from there', () => {
  fc.assert(
    fc.property(batches, fc.nat(500), fc.nat(60), (times, from, length) => {
      const { store, all } = storeOf(times, 20)
      expect(store.slice(from, from + length)).toEqual(all.slice(from, from + length))
      for (const [index, each] of all.entries()) if (index % 97 === 0) expect(store.indexOf(each)).toBe(index)
      expect(store.indexAt(30)).toBe(all.filter(({ atMs }) => atMs < 30).length)
    }),
    { numRuns: 60 },
  )
})

test('the oldest go when there are too many, or too much text, and are counted', () => {
  const { store } = storeOf([Array.from({ length: 10_000 }, (_, n) => n)])
  store.trim({ lines: 6000, characters: Infinity })
  expect(store.size).toBeLessThanOrEqual(6000)
  expect(store.size).toBeGreaterThan(3900)
  expect(store.dropped).toBe(10_000 - store.size)
  expect(store.slice(0, 1)[0]?.atMs).toBe(store.dropped)
  expect(store.indexOf(line(0, 0))).toBe(0)
  store.trim({ lines: Infinity, characters: 10_000 })
  expect(store.characters).toBeLessThanOrEqual(10_000)
})
