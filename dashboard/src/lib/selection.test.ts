import { expect, test } from 'vitest'
import { toggle } from './selection.ts'

const rows = ['a', 'b', 'c', 'd']

test.each([
  ['one more', ['a'], { key: 'c' }, 'ac'],
  ['one less', ['a', 'c'], { key: 'c' }, 'a'],
  ['a range downwards', ['a'], { key: 'c', from: 'a' }, 'abc'],
  ['a range upwards', ['d'], { key: 'b', from: 'd' }, 'bcd'],
  ['a range away', ['a', 'b', 'c', 'd'], { key: 'c', from: 'b' }, 'ad'],
  ['a range from a row that is gone', [], { key: 'c', from: 'x' }, 'c'],
  ['what is not shown stays', ['x'], { key: 'b', from: 'a' }, 'abx'],
] as const)('%s', (_, selected, click, expected) => {
  expect([...toggle(new Set(selected), rows, click)].toSorted().join('')).toBe(expected)
})
