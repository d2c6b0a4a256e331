import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyText } from '../../test/any-text.ts'
import { escapeControls, hasControls, plain, plainLine, PlainPieces } from './plain.ts'

describe('plain', () => {
  test.each([
    ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['cursor moves', 'a\u001b[2J\u001b[Hb', 'ab'],
    ['titles', '\u001b]0;evil\u0007text', 'text'],
    ['links', '\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['a lone ESC', 'a\u001bb', 'ab'],
    ['C0 but tab and line feed', 'a\u0000\u0008\r\tb\n', 'a\tb\n'],
    ['DEL and C1', 'a\u007f\u009b31mb', 'a31mb'],
    ['marks that turn the writing', 'a\u202eb\u2066c\u200fd\u061c', 'abcd'],
    ['nothing of an ordinary text', 'grüße 漢字 🦊 — “ok”', 'grüße 漢字 🦊 — “ok”'],
  ])('removes %s', (_, text, expected) => {
    expect(plain(text)).toBe(expected)
  })

  test('hides no text behind a title that does not end', () => {
    expect(plain('\u001b]0;never ends\nthe next line')).toBe(']0;never ends\nthe next line')
  })

  test('makes one line of several for a cell', () => {
    expect(plainLine('a\r\n  b\tc\n')).toBe('a b c')
  })
})

describe('PlainPieces', () => {
  /** Text with many beginnings of sequences in it. */
  const text = fc
    .array(fc.constantFrom('\u001b', '[', '3', 'm', ']', ';', '\u0007', '\\', 'x', '\n', '\u202e', '🦊'), {
      maxLength: 30,
    })
    .map((parts) => parts.join(''))

  test('gives what plain gives for the whole, wherever it is cut', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(40), { maxLength: 5 }), (whole, cuts) => {
        const pieces = new PlainPieces()
        const at = [0, ...cuts.map((cut) => cut % (whole.length + 1)).toSorted((a, b) => a - b), whole.length]
        const parts = at.slice(1).map((end, index) => pieces.push(whole.slice(at[index], end)))
        expect([...parts, pieces.end()].join('')).toBe(plain(whole))
      }),
    )
  })

  test('does not hold back a text that follows a lone ESC', () => {
    const pieces = new PlainPieces()
    expect(pieces.push('a\u001b')).toBe('a')
    expect(pieces.push('bc')).toBe('bc')
  })
})

describe('escapeControls', () => {
  test('keeps the value inside quotes and leaves nothing that a terminal obeys', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = escapeControls(JSON.stringify(text))
        expect(JSON.parse(json)).toBe(text)
        expect(hasControls(json)).toBe(false)
      }),
    )
  })
})
