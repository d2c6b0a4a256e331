import { expect, test } from 'vitest'
import { History, splitStamp, type StampedLine } from './history.ts'
import { Overlap } from './overlap.ts'

const stampless = (text: string): StampedLine => ({ stamp: undefined, text })

const textOf = (found: Overlap): string =>
  found
    .fresh()
    .map(({ text }) => text)
    .join('')

function overlap(history: string, again: string): Overlap {
  const found = new Overlap(history.split(''))
  for (const text of again) found.push(stampless(text))
  return found
}

test.each([
  ['it begins within what was read', 'abcd', 'cdef', 'ef'],
  ['it begins where what was read begins', 'abcd', 'abcdef', 'ef'],
  ['it begins before what was read', 'cd', 'abcdef', 'ef'],
  ['nothing is new', 'abcd', 'bcd', ''],
  ['lines repeat, and are read again from the same place', 'aaa', 'aaaa', 'a'],
  ['some lines repeat', 'abab', 'ababac', 'ac'],
  ['a beginning that looks like the end', 'abca', 'caxa', 'xa'],
])('%s', (_, history, again, fresh) => {
  const found = overlap(history, again)
  expect(found.isFound).toBe(true)
  expect(textOf(found)).toBe(fresh)
})

test('what has nothing in common is new, all of it', () => {
  const found = overlap('abc', 'xyz')
  expect(found.isFound).toBe(false)
  expect(textOf(found)).toBe('xyz')
})

test('a process that begins as the old one ended is not taken for it', () => {
  const again = new Overlap(['a', 'b', 't', 't', 't'], 4)
  for (const text of ['t', 't', 't', 't', 'x']) again.push(stampless(text))
  expect(again.isFound).toBe(false)
  const same = new Overlap(['a', 'b', 't', 't', 't'], 4)
  for (const text of ['b', 't', 't', 't', 't']) same.push(stampless(text))
  expect(textOf(same)).toBe('t')
})

test('it is decided as soon as no longer overlap is possible', () => {
  expect(overlap('abc', 'bc').isDecided).toBe(true)
  expect(overlap('aaa', 'a').isDecided).toBe(false)
  expect(overlap('aaa', 'aaa').isDecided).toBe(true)
  expect(overlap('abc', 'b').isDecided).toBe(false)
})

test('a line is parted from its time', () => {
  expect(splitStamp('2026-03-01T12:00:00Z hello: you')).toEqual({ stamp: '2026-03-01T12:00:00Z', text: 'hello: you' })
  expect(splitStamp('2026-03-01T12:00:00.123456Z ')).toEqual({ stamp: '2026-03-01T12:00:00.123456Z', text: '' })
  expect(splitStamp('hello')).toEqual({ stamp: undefined, text: 'hello' })
})

test('the history says from when on to read again, and keeps what is needed for that', () => {
  const history = new History()
  expect([history.isEmpty, history.sinceTime]).toEqual([true, undefined])
  for (let second = 0; second < 60; second += 1)
    history.add({ stamp: new Date(second * 1000 + 1_000_000).toISOString(), text: String(second) })
  expect(history.sinceTime).toBe(new Date(55_000 + 1_000_000).toISOString())
  expect(history.certain).toBe(3)
  expect(history.texts.length).toBeLessThan(25)
  expect(history.texts.slice(-7)).toEqual(['53', '54', '55', '56', '57', '58', '59'])
})
