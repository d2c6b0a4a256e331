import { expect, test } from 'vitest'
import { sparklinePath } from './sparkline.ts'

test('runs from the left edge to the right and from the floor to the top', () => {
  expect(sparklinePath([0, 5, 10], 3, 10)).toBe('M0 19L50 10L100 1')
})

test('few samples sit at the right, where now is', () => {
  expect(sparklinePath([0, 10], 5, 10)).toBe('M75 19L100 1')
})

test('a gap stays a gap, and a lone sample is a dot', () => {
  expect(sparklinePath([0, undefined, 10], 3, 10)).toBe('M0 19h0M100 1h0')
})

test('what is above the edge stays inside the box', () => {
  expect(sparklinePath([20, -1], 2, 10)).toBe('M0 1L100 19')
})

test('nothing is drawn of nothing', () => {
  expect(sparklinePath([], 32, 10)).toBe('')
  expect(sparklinePath([1], 2, 0)).toBe('M100 19h0')
})
