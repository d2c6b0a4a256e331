import { expect, test } from 'vitest'
import { LineStore } from './line-store.ts'
import { hitsIn, LineSearch } from './search.ts'
import { segmentsOf } from './segments.ts'

const source = { namespace: 'default', service: 'default/a', pod: 'a-0' }

function storeOf(texts: readonly string[]): LineStore {
  const store = new LineStore()
  store.add(texts.map((text, id) => ({ id, atMs: id, source, text })))
  return store
}

test('lines are found by their words, whatever the capitals, and signs mean themselves', () => {
  const store = storeOf(['a.b', 'axb', 'A.B twice a.b', 'x'])
  const search = new LineSearch('a.b')
  expect(search.advance(store, () => false)).toBe(true)
  expect(search.count(store)).toBe(2)
})

test('words are found through the colours that part them', () => {
  const search = new LineSearch('memory')
  const store = storeOf(['mem\u001b[31mory'])
  search.advance(store, () => false)
  expect(search.count(store)).toBe(1)
})

test('it steps down and up, round the ends, and says which one it is', () => {
  const store = storeOf(Array.from({ length: 5000 }, (_, n) => (n % 1000 === 7 ? 'hit' : 'miss')))
  const search = new LineSearch('hit')
  expect(search.next(store, 7, 1)).toBe(1007)
  expect(search.next(store, 7, -1)).toBe(4007)
  expect(search.next(store, 4500, 1)).toBe(7)
  expect(search.next(store, 4007, -1)).toBe(3007)
  expect(search.ordinalOf(store, 2007)).toBe(3)
  expect(new LineSearch('none').next(store, 0, 1)).toBeUndefined()
})

test('it stops when it is late and goes on later, with new lines too', () => {
  const store = storeOf(Array.from({ length: 5000 }, () => 'hit'))
  const search = new LineSearch('hit')
  let blocks = 0
  expect(search.advance(store, () => (blocks += 1) > 2)).toBe(false)
  expect(search.count(store)).toBeLessThan(5000)
  store.add([{ id: 5000, atMs: 5000, source, text: 'hit' }])
  expect(search.advance(store, () => false)).toBe(true)
  expect(search.count(store)).toBe(5001)
})

test('hits are parted from what is between them', () => {
  expect(hitsIn('Memory and memory', 'memory')).toEqual([
    { text: 'Memory', isHit: true },
    { text: ' and ', isHit: false },
    { text: 'memory', isHit: true },
  ])
  expect(hitsIn('a', '')).toEqual([{ text: 'a', isHit: false }])
})

test('a hit may begin in one colour and end in another', () => {
  const segments = segmentsOf('out of me\u001b[31mmory now', 'memory')
  expect(segments.map(({ text, tone, isHit }) => [text, tone, isHit])).toEqual([
    ['out of ', undefined, false],
    ['me', undefined, true],
    ['mory', 'bad', true],
    [' now', 'bad', false],
  ])
})
