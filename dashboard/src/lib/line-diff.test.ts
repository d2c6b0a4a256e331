import { expect, test } from 'vitest'
import { diffLines } from './line-diff.ts'

test('changed lines carry their numbers, with one line of what stands around them', () => {
  const before = 'a: 1\nb: 2 # kept\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\n'
  const after = 'a: 1\nb: 9 # kept\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\nh: 8\n'
  expect(diffLines(before, after)).toEqual([
    [
      { type: 'Same', number: 1, text: 'a: 1' },
      { type: 'Removed', number: 2, text: 'b: 2 # kept' },
      { type: 'Added', number: 2, text: 'b: 9 # kept' },
      { type: 'Same', number: 3, text: 'c: 3' },
    ],
    [
      { type: 'Same', number: 7, text: 'g: 7' },
      { type: 'Added', number: 8, text: 'h: 8' },
    ],
  ])
  expect(diffLines(before, before)).toEqual([])
})
