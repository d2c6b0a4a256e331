import { expect, test } from 'vitest'
import { breakLink, combineLinks, type Link } from './link.ts'

const live: Link = { type: 'Live' }
const connecting: Link = { type: 'Connecting' }
const failed = (link: Link, nowMs: number): Link => breakLink(link, { problem: 'no answer', nowMs, retryInMs: 250 })

test('a link is broken since its first failure', () => {
  const once = failed(live, 1000)
  const twice = failed(once, 5000)
  expect(twice).toMatchObject({ sinceMs: 1000, retryAtMs: 5250, hasPicture: true })
})

test('what never connected has no picture to show', () => {
  expect(failed(failed(connecting, 1000), 2000)).toMatchObject({ sinceMs: 1000, hasPicture: false })
})

test('all are live only together', () => {
  expect(combineLinks([live, live])).toEqual(live)
  expect(combineLinks([live, connecting])).toEqual(connecting)
})

test('one that broke breaks all: since the earliest, tried at the soonest', () => {
  const combined = combineLinks([live, failed(live, 3000), failed(live, 1000)])
  expect(combined).toMatchObject({ type: 'Broken', sinceMs: 1000, retryAtMs: 1250, hasPicture: true })
})

test('there is a picture only if all of it was there', () => {
  expect(combineLinks([failed(live, 1000), failed(connecting, 2000)])).toMatchObject({ hasPicture: false })
  expect(combineLinks([failed(live, 1000), connecting])).toMatchObject({ hasPicture: false })
})
