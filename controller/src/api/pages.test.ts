import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { FakeClock } from '../clock-fake.ts'
import { Failure } from './errors.ts'
import { Pages, type Page } from './pages.ts'
import { serviceOf } from './server-fake.ts'

let clock: FakeClock
let pages: Pages

beforeEach(() => {
  clock = new FakeClock()
  pages = new Pages(clock)
})

const listOf = (length: number) => ({
  scope: 'services',
  resourceVersion: '7',
  items: Array.from({ length }, (_, index) => serviceOf(`s${String(index)}`)),
})

function next(token: string, limit: number): Page {
  const page = pages.next(token, 'services', limit)
  if (page instanceof Failure) throw new Error(page.status.message)
  return page
}

const codeOf = (page: Page | Failure): number | undefined => (page instanceof Failure ? page.status.code : undefined)

test('all pages together are the list, each item once', () => {
  fc.assert(
    fc.property(fc.nat(30), fc.integer({ min: 1, max: 12 }), (length, limit) => {
      const list = listOf(length)
      let page = pages.first(list, limit)
      const items = [...page.items]
      while (page.continue !== undefined) {
        expect(page.items).toHaveLength(limit)
        expect(page.remaining).toBe(length - items.length)
        page = next(page.continue, limit)
        items.push(...page.items)
      }
      expect(items).toEqual(list.items)
      expect(page.remaining).toBe(0)
    }),
  )
})

test('a page can be asked for again, with another limit or none', () => {
  const { continue: token = '' } = pages.first(listOf(10), 3)
  expect(next(token, 3)).toEqual(next(token, 3))
  expect(next(token, 0).items).toHaveLength(7)
})

test('a token is good for five minutes', () => {
  const { continue: token = '' } = pages.first(listOf(10), 3)
  clock.advance(5 * 60_000 - 1)
  expect(next(token, 3).items).toHaveLength(3)
  clock.advance(1)
  expect(codeOf(pages.next(token, 'services', 3))).toBe(410)
})

test('keeps so many lists and no more', () => {
  const tokens = Array.from({ length: 33 }, () => pages.first(listOf(2), 1).continue ?? '')
  expect(tokens.map((token) => codeOf(pages.next(token, 'services', 1)))).toEqual([410, ...Array<undefined>(32)])
})

test.each(['x', '../../etc', 'abcdefghijkl', 'abcdefghijkl.-1', `abcdefghijkl.${'9'.repeat(30)}`])(
  'garbage is refused: %s',
  (token) => {
    expect(codeOf(pages.next(token, 'services', 1))).toBe(400)
  },
)

test('a token is good for the list that it came from', () => {
  const { continue: token = '' } = pages.first(listOf(10), 3)
  expect(codeOf(pages.next(token, 'secrets', 3))).toBe(400)
})
