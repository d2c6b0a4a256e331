import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findJsonError } from './json-error.ts'

test.each([
  ['', 1, 1],
  ['{', 1, 2],
  ['{"a":}', 1, 6],
  ['{"a":1,}', 1, 8],
  ['[1,]', 1, 4],
  ['{\n  "a": NaN\n}', 2, 8],
  ['{"a": "x\ny"}', 1, 9],
  ['{"a": "\\x"}', 1, 8],
  ['{"a" 1}', 1, 6],
  ['[1}', 1, 3],
  ['{} x', 1, 4],
  ['01', 1, 2],
  ["{'a':1}", 1, 2],
])('%j is wrong at line %i, column %i', (text, line, column) => {
  expect(findJsonError(text)).toEqual({ line, column })
})

test('finds an error exactly where the engine finds one', () => {
  const jsonish = fc.oneof(
    fc.json(),
    fc.tuple(fc.json(), fc.nat(), fc.string()).map(([json, at, more]) => {
      const split = at % (json.length + 1)
      return json.slice(0, split) + more + json.slice(split + more.length)
    }),
    fc
      .array(
        fc.constantFrom(
          '{',
          '}',
          '[',
          ']',
          ',',
          ':',
          '"a"',
          '1',
          '-',
          'true',
          'null',
          '.5',
          'e3',
          ' ',
          '\n',
          '"',
          '\\u12',
        ),
      )
      .map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(jsonish, (text) => {
      expect(findJsonError(text) === undefined).toBe(isJson(text))
    }),
    { numRuns: 2000 },
  )
})

test('takes linear time', () => {
  const start = performance.now()
  for (const text of [
    '['.repeat(1_000_000),
    `"${'a'.repeat(3_000_000)}`,
    '1'.repeat(3_000_000) + 'x',
    `[${'1,'.repeat(1_000_000)}`,
  ])
    expect(findJsonError(text)).toBeDefined()
  expect(performance.now() - start).toBeLessThan(3000)
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
