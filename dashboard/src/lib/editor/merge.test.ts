import fc from 'fast-check'
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

  test('never takes one of several equal lines for another', () => {
    const base = 'x:\n  a: 1\n  b: 2\ny:\n  a: 1\n  b: 2\nz:\n  a: 1\n  b: 2\n'
    const theirs = `w: 0\n  a: 1\n  b: 2\n${base}`
    const yours = base.replace('z:\n  a: 1', 'z:\n  a: 7')
    expect(mergeTexts(base, theirs, yours)).toBe(theirs.replace('z:\n  a: 1', 'z:\n  a: 7'))
  })

  test('two neighbouring lines are for a person too, and an end without a line end stays one', () => {
    expect(mergeTexts(BASE, BASE.replace('b: 2', 'b: 9'), BASE.replace('c: 3', 'c: 9'))).toBeUndefined()
    expect(mergeTexts('a\nb\nc\nd', 'A\nb\nc\nd', 'a\nb\nc\nD')).toBe('A\nb\nc\nD')
  })

  test('holds both changes at their places, whatever the texts, when it says that it does', () => {
    const base = Array.from({ length: 9 }, (_, index) => `line ${String(index)}`)
    /** Lines that go, and lines that come before one. */
    const changed = (who: string) =>
      fc
        .record({ gone: fc.subarray(base, { maxLength: 3 }), before: fc.subarray(base, { maxLength: 3 }) })
        .map(({ gone, before }) =>
          base.flatMap((line) => [
            ...(before.includes(line) ? [`${who} before ${line}`] : []),
            ...(gone.includes(line) ? [] : [line]),
          ]),
        )
    const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')
    let merges = 0
    fc.assert(
      fc.property(changed('they'), changed('you'), (theirs, yours) => {
        const merged = mergeTexts(textOf(base), textOf(theirs), textOf(yours))
        expect(mergeTexts(textOf(base), textOf(yours), textOf(theirs))).toBe(merged)
        if (merged === undefined) return
        merges += 1
        for (const [own, other] of [
          [theirs, yours],
          [yours, theirs],
        ] as const) {
          const kept = own.filter((line) => !base.includes(line) || other.includes(line))
          expect(merged.split('\n').filter((line) => own.includes(line))).toEqual(kept)
        }
      }),
    )
    expect(merges).toBeGreaterThan(5)
  })

  test('takes the one change that there is', () => {
    expect(mergeTexts(BASE, BASE, 'x: 1\n')).toBe('x: 1\n')
    expect(mergeTexts(BASE, 'y: 1\n', BASE)).toBe('y: 1\n')
    expect(mergeTexts(BASE, 'z: 1\n', 'z: 1\n')).toBe('z: 1\n')
  })
})
