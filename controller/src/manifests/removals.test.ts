import { beforeEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../clock-fake.ts'
import { Removals, type Hold, type PassFacts } from './removals.ts'

let clock: FakeClock
let memory: Readonly<Record<string, Hold>>
let removals: Removals

const open = (): Removals =>
  new Removals(clock, {
    read: () => memory,
    write: (holds) => {
      memory = holds
    },
  })
const facts = (known: number, more: Partial<PassFacts> = {}): PassFacts => ({
  isMeant: () => true,
  known,
  rootIsThere: true,
  blockedBy: () => undefined,
  ...more,
})
const verdicts = (...args: Parameters<typeof facts>): Record<string, string> =>
  Object.fromEntries([...removals.judge(facts(...args))].map(([key, { type }]) => [key, type]))
const miss = (...keys: string[]): void => {
  for (const key of keys) removals.miss(key)
}

beforeEach(() => {
  clock = new FakeClock()
  memory = {}
  removals = open()
})

test('an object is gone a second after it was missed first, not before', () => {
  miss('a')
  clock.advance(999)
  expect(verdicts(10)).toEqual({})
  clock.advance(1)
  expect(verdicts(10)).toEqual({ a: 'Gone' })
})

test('one that came back is not', () => {
  miss('a')
  clock.advance(900)
  removals.settle('a')
  clock.advance(500)
  expect(verdicts(10)).toEqual({})
})

test('one that a broken file may hold is blocked', () => {
  miss('a', 'b')
  clock.advance(1000)
  expect(verdicts(10, { blockedBy: (key) => (key === 'a' ? 'broken.yaml' : undefined) })).toEqual({
    a: 'Blocked',
    b: 'Gone',
  })
})

test('what vanishes over some time is judged together', () => {
  miss('a', 'b')
  clock.advance(900)
  miss('c', 'd')
  clock.advance(200)
  expect(verdicts(10)).toEqual({})
  clock.advance(800)
  expect(verdicts(10)).toEqual({ a: 'Held', b: 'Held', c: 'Held', d: 'Held' })
})

test('but not for ever', () => {
  miss('a')
  for (let step = 0; step < 6; step += 1) {
    clock.advance(900)
    miss(`later${String(step)}`)
  }
  expect(verdicts(100)).toMatchObject({ a: 'Gone' })
})

describe('a mass removal', () => {
  test.each([
    [4, 10, 'Held'],
    [3, 4, 'Gone'],
    [4, 14, 'Gone'],
    [2, 2, 'Held'],
    [1, 1, 'Gone'],
  ])('%i of %i is %s', (going, known, expected) => {
    const keys = Array.from({ length: going }, (_, index) => `k${String(index)}`)
    miss(...keys)
    clock.advance(1000)
    expect(new Set(Object.values(verdicts(known)))).toEqual(new Set([expected]))
  })

  test('so is anything, when the root is not there', () => {
    miss('a')
    clock.advance(1000)
    expect(verdicts(100, { rootIsThere: false })).toEqual({ a: 'Held' })
  })

  test('is remembered across a restart, and ends object by object', () => {
    miss('a', 'b')
    clock.advance(1000)
    verdicts(2)
    removals = open()
    expect(removals.hasHolds).toBe(true)
    miss('a', 'b')
    clock.advance(1000)
    expect(verdicts(100)).toEqual({ a: 'Held', b: 'Held' })
    removals.settle('a')
    expect(Object.keys(memory)).toEqual(['b'])
    expect(removals.isPending).toBe(false)
  })
})
