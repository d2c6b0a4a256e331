import { describe, expect, test } from 'vitest'
import { mergeTexts } from './merge.ts'

const BASE = 'a: 1\nb: 2\nc: 3\nd: 4\ne: 5\n'

describe('mergeTexts', () => {
  test('keeps both changes where they are apart', () => {
    expect(mergeTexts(BASE, BASE.replace('a: 1', 'a: 9'), BASE.replace('e: 5', 'e: 8'))).toBe(
      'a: 9\nb: 2\nc: 3\nd: 4\ne: 8\n',
    )
  })

  test('leaves the choice to a person where both changed the same line', () => {
    expect(mergeTexts(BASE, BASE.replace('c: 3', 'c: 4'), BASE.replace('c: 3', 'c: 5'))).toBeUndefined()
  })

  test('takes the one change that there is', () => {
    expect(mergeTexts(BASE, BASE, 'x: 1\n')).toBe('x: 1\n')
    expect(mergeTexts(BASE, 'y: 1\n', BASE)).toBe('y: 1\n')
    expect(mergeTexts(BASE, 'z: 1\n', 'z: 1\n')).toBe('z: 1\n')
  })
})
