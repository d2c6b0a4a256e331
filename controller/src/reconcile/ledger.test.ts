import { keyOf, type Key } from '@orc/schemas'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Claim } from '../plan/claims.ts'
import type { Requests } from '../runtime/runtime.ts'
import { Ledger } from './ledger.ts'

const MI = 2 ** 20
const amount = (cpuMillis: number, memoryMi = 0): Requests => ({ cpuMillis, memoryBytes: memoryMi * MI })
const HOST = { allocatable: amount(2000, 8192), kept: amount(1000, 512) }
const key = (name: string): Key => keyOf('AgentService', 'default', name)
const slot = (ordinal = 0) => ({ uid: 'u', ordinal })
const wants = (cpuMillis: number, memoryMi = 0, ordinal = 0): Claim => ({
  ...{ slot: slot(ordinal), wants: amount(cpuMillis, memoryMi), mayGoOn: true },
})

class Book {
  readonly ledger = new Ledger(HOST)
  nowMs = 0

  constructor() {
    this.ledger.open()
  }

  /** Names of the others that are told. */
  ask(name: string, claims: readonly Claim[], priority = 0): string[] {
    this.nowMs += 1
    return [...this.ledger.update(key(name), { claims, priority, nowMs: this.nowMs })].map(
      (other) => other.split('/').at(-1) ?? '',
    )
  }

  has(name: string, ordinal = 0): number {
    return this.ledger.hold(key(name), slot(ordinal))?.cpuMillis ?? 0
  }
}

describe('the ledger', () => {
  test('gives what is there, once, and says what is missing', () => {
    const book = new Book()
    book.ask('a', [wants(1700, 7168)])
    book.ask('b', [wants(500, 2048)])
    expect([book.has('a'), book.has('b')]).toEqual([1700, 0])
    expect(book.ledger.shortage(key('b'), slot())).toEqual({
      ...{ needs: amount(500, 2048), free: amount(300, 1024), host: HOST, type: 'Now' },
    })
    // What runs and what was admitted keep their place; what is given back goes to who waits.
    expect(book.ask('a', [{ slot: slot(), mayGoOn: true }])).toEqual([])
    expect(book.ask('a', [])).toEqual(['b'])
    expect(book.has('b')).toBe(500)
    expect(book.ledger.shortage(key('b'), slot())).toBeUndefined()
  })

  test('lets nobody of the same or a lower priority pass the first, even if it would fit', () => {
    const book = new Book()
    book.ask('a', [wants(1500)])
    book.ask('b', [wants(1000)])
    book.ask('c', [wants(100)])
    book.ask('low', [wants(100)], -1)
    expect([book.has('b'), book.has('c'), book.has('low')]).toEqual([0, 0, 0])
    expect(book.ledger.shortage(key('c'), slot())?.first).toBe('default/b')
    book.ask('urgent', [wants(400)], 5)
    expect(book.has('urgent')).toBe(400)
    // All three fit then, and b is the first of them.
    expect(book.ask('a', []).toSorted()).toEqual(['b', 'c', 'low'])
    expect([book.has('b'), book.has('c'), book.has('low')]).toEqual([1000, 100, 100])
  })

  test("has those that can never fit stand in nobody's way", () => {
    const book = new Book()
    book.ask('giant', [wants(2001)], 9)
    book.ask('a', [wants(2000)])
    expect(book.has('a')).toBe(2000)
    expect(book.ledger.shortage(key('giant'), slot())?.type).toBe('Never')
    expect(book.ledger.waiting).toBe(1)
    book.ask('giant', [])
    expect(book.ledger.waiting).toBe(0)
  })

  test('lets one that runs keep what it has until there is room for more, and takes less at once', () => {
    const book = new Book()
    book.ask('a', [wants(1000)])
    book.ask('b', [wants(1000)])
    book.ask('a', [wants(1500)])
    expect(book.has('a')).toBe(1000)
    expect(book.ledger.shortage(key('a'), slot())?.needs.cpuMillis).toBe(500)
    expect(book.ask('b', [wants(500)])).toEqual(['a'])
    expect([book.has('a'), book.has('b')]).toEqual([1500, 500])
  })

  test('takes down before it is open, and counts what runs whether there is room or not', () => {
    const ledger = new Ledger(HOST)
    const running = (cpuMillis: number): Claim => ({ ...wants(cpuMillis), has: amount(cpuMillis) })
    ledger.update(key('late'), { claims: [wants(500)], priority: 0, nowMs: 1 })
    ledger.update(key('first'), { claims: [wants(500)], priority: 1, nowMs: 2 })
    for (const name of ['a', 'b']) ledger.update(key(name), { claims: [running(1200)], priority: 0, nowMs: 3 })
    expect([...ledger.open()]).toEqual([])
    expect(ledger.used.cpuMillis).toBe(2400)
    ledger.update(key('a'), { claims: [], priority: 0, nowMs: 4 })
    expect(ledger.hold(key('first'), slot())?.cpuMillis).toBe(500)
    expect(ledger.hold(key('late'), slot())).toBeUndefined()
  })

  test('tells only those for whom something is different', () => {
    const book = new Book()
    book.ask('a', [wants(2000)])
    expect(book.ask('b', [wants(100)])).toEqual([])
    expect(book.ask('c', [wants(100)])).toEqual([])
    expect(book.ask('b', [wants(100)])).toEqual([])
    expect(book.ask('first', [wants(100)], 1).toSorted()).toEqual(['b', 'c'])
    expect(book.ask('b', [])).toEqual(['c'])
    expect(book.ask('quiet', [])).toEqual([])
  })
})

const step = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  priority: fc.integer({ min: -1, max: 1 }),
  amounts: fc.array(fc.tuple(fc.nat(2200), fc.nat(9000)), { maxLength: 3 }),
})

test('in every history nothing is given twice, nobody is passed, and what fits is given', () => {
  let waits = 0
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const book = new Book()
      /** Since when each slot waits, as an observer sees it. */
      const waiting = new Map<
        string,
        { priority: number; sinceMs: number; wish: Requests; claimKey: Key; ordinal: number }
      >()
      for (const { name, priority, amounts } of steps) {
        const claims = amounts.map(([cpu, memory], ordinal) => wants(cpu, memory, ordinal))
        const isGiven = (wish: Requests, ordinal: number): boolean => {
          const held = book.ledger.hold(key(name), slot(ordinal)) ?? amount(0)
          return held.cpuMillis >= wish.cpuMillis && held.memoryBytes >= wish.memoryBytes
        }
        const given = new Set(
          claims.flatMap(({ wants: wish = amount(0) }, ordinal) => (isGiven(wish, ordinal) ? [ordinal] : [])),
        )
        book.ask(name, claims, priority)
        for (const id of waiting.keys())
          if (id.startsWith(`${name} `) && Number(id.split(' ')[1]) >= amounts.length) waiting.delete(id)
        for (const [ordinal, { wants: wish = amount(0) }] of claims.entries()) {
          const id = `${name} ${String(ordinal)}`
          waiting.delete(given.has(ordinal) ? id : '')
          if (given.has(ordinal)) continue
          waiting.set(id, {
            priority,
            sinceMs: waiting.get(id)?.sinceMs ?? book.nowMs,
            wish,
            claimKey: key(name),
            ordinal,
          })
        }
        const { used } = book.ledger
        expect(used.cpuMillis).toBeLessThanOrEqual(HOST.allocatable.cpuMillis)
        expect(used.memoryBytes).toBeLessThanOrEqual(HOST.allocatable.memoryBytes)
        const shortageOf = ({ claimKey, ordinal }: { claimKey: Key; ordinal: number }) =>
          book.ledger.shortage(claimKey, slot(ordinal))
        const all = [...waiting.entries()]
        const left = all.filter(([, waiter]) => shortageOf(waiter)?.type === 'Now')
        const admitted = all.filter(([, waiter]) => shortageOf(waiter) === undefined)
        for (const [, winner] of admitted)
          for (const [, loser] of left) {
            expect(
              loser.priority > winner.priority ||
                (loser.priority === winner.priority && loser.sinceMs < winner.sinceMs),
            ).toBe(false)
          }
        for (const [id] of admitted) waiting.delete(id)
        for (const [, waiter] of all)
          if (shortageOf(waiter)?.type === 'Never')
            waiting.delete(`${waiter.claimKey.split('/').at(-1) ?? ''} ${String(waiter.ordinal)}`)
        waits += left.length
        const first = left.find(([, waiter]) => shortageOf(waiter)?.first === undefined)?.[1]
        if (first === undefined) continue
        const shortage = shortageOf(first)
        expect(
          (shortage?.needs.cpuMillis ?? 0) > (shortage?.free.cpuMillis ?? 0) ||
            (shortage?.needs.memoryBytes ?? 0) > (shortage?.free.memoryBytes ?? 0) ||
            left.length > 1,
        ).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
  expect(waits).toBeGreaterThan(500)
})
