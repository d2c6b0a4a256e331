import { expect, test } from 'vitest'
import { applySplices } from './splice.ts'

test('splices are applied to the original offsets, insertions in the order given', () => {
  const splices = [
    { start: 4, end: 5, text: 'E' },
    { start: 2, end: 2, text: '<' },
    { start: 2, end: 4, text: '' },
    { start: 2, end: 2, text: '>' },
  ]
  expect(applySplices('abcdef', splices)).toBe('ab<>Ef')
})

test('deletions may overlap, anything else may not', () => {
  const deletion = { start: 1, end: 4, text: '' }
  expect(applySplices('abcdef', [deletion, { start: 3, end: 5, text: '' }])).toBe('af')
  expect(applySplices('abcdef', [deletion, { start: 3, end: 5, text: 'x' }])).toBeUndefined()
  expect(applySplices('abcdef', [deletion, { start: 3, end: 3, text: 'x' }])).toBeUndefined()
})
