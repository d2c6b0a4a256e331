import { expect, test } from 'vitest'
import { plainOf, spansOf } from './ansi.ts'

const ESC = '\u001b'

test('plain text is one span', () => {
  expect(spansOf('hello <b>')).toEqual([{ text: 'hello <b>', tone: undefined, isBold: false }])
})

test('colours become tones until they end', () => {
  expect(spansOf(`a ${ESC}[31mb${ESC}[1m c${ESC}[0m d`)).toEqual([
    { text: 'a ', tone: undefined, isBold: false },
    { text: 'b', tone: 'bad', isBold: false },
    { text: ' c', tone: 'bad', isBold: true },
    { text: ' d', tone: undefined, isBold: false },
  ])
})

test.each([
  ['33', 'wait'],
  ['92', 'c3'],
  ['90', 'c6'],
  ['37', undefined],
  ['38;5;1', 'bad'],
  ['38;5;196', 'bad'],
  ['38;5;240', 'c6'],
  ['38;2;10;20;250', 'c1'],
  ['38;2;255;140;0', 'c2'],
  ['48;5;1', undefined],
  ['48;2;1;2;3;35', 'c4'],
  ['31;39', undefined],
  ['', undefined],
])('%s is %s', (parameters, tone) => {
  expect(spansOf(`${ESC}[${parameters}mx`)).toEqual([{ text: 'x', tone, isBold: false }])
})

test('all other sequences and marks of direction are dropped', () => {
  const text = `a${ESC}[2J${ESC}]0;title\u0007b\u202E\u0000c\rd\te`
  expect(plainOf(text)).toBe('abcd\te')
  expect(spansOf(text).map((span) => span.text)).toEqual(['abcd\te'])
})
