import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineFilter, type WantedLines } from './line-filter.ts'

function filtered(pieces: readonly string[], wanted: Partial<WantedLines>): string {
  const filter = new LineFilter({ untilOffset: Infinity, ...wanted })
  let offset = 0
  const kept = pieces.flatMap((text) => {
    const bytes = Buffer.from(text)
    const lines = filter.push({ offset, bytes })
    offset += bytes.length
    return lines
  })
  return Buffer.concat([...kept, ...filter.end()].map(({ bytes }) => bytes)).toString()
}

describe('a filter of lines', () => {
  test('is the same however the log is cut into pieces', () => {
    const line = fc.stringMatching(/^[abé]{0,5}$/)
    const cuts = fc.array(fc.nat(40), { maxLength: 6 })
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), cuts, fc.boolean(), (lines, at, isClosed) => {
        const text = lines.join('\n') + (isClosed ? '\n' : '')
        const expected = (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).filter((each) => each.includes('aé')).join('')
        const bounds = [0, ...at.toSorted((a, b) => a - b), text.length]
        const pieces = bounds.slice(1).map((end, index) => text.slice(bounds[index], Math.max(end, bounds[index] ?? 0)))
        expect(filtered(pieces, { grep: 'aé' })).toBe(expected)
      }),
    )
  })

  test('ends with the line that begins before the offset', () => {
    expect(filtered(['one\ntw', 'o\nthree\n'], { untilOffset: 5 })).toBe('one\ntwo\n')
    expect(filtered(['one\ntwo\n'], { untilOffset: 4 })).toBe('one\n')
    expect(filtered(['one\n'], { untilOffset: 0 })).toBe('')
  })

  test('judges a line that is too long by its beginning, and keeps all or nothing of it', () => {
    const long = `begin${'x'.repeat(100_000)}`
    const pieces = [long, long, '\nshort begin\n']
    expect(filtered(pieces, { grep: 'begin' })).toBe(pieces.join(''))
    expect(filtered(pieces, { grep: 'short' })).toBe('short begin\n')
  })

  test('does not join what was not written together', () => {
    const filter = new LineFilter({ grep: 'ab', untilOffset: Infinity })
    expect(filter.push({ offset: 0, bytes: Buffer.from('xa') })).toEqual([])
    expect(filter.push({ offset: 100, bytes: Buffer.from('b\n') })).toEqual([])
    expect(filter.push({ offset: 102, bytes: Buffer.from('ab\n') })).toMatchObject([{ offset: 102 }])
  })

  const JSON_LINES = [
    '{"level":"info","msg":"a"}',
    '{"severity":"WARNING","message":"b"}',
    '{"levelname":"ERROR"}',
    '{"level":50,"msg":"pino"}',
    '{"level":60}',
    '{"level":10}',
    '{"level":"loud"}',
    '{"level":null}',
    '{"level": "error"',
    'ERROR not JSON',
    '["error"]',
    '{"msg":"no level","__proto__":{"level":"error"}}',
  ]

  test.each([
    ['trace', [0, 1, 2, 3, 4, 5]],
    ['info', [0, 1, 2, 3, 4]],
    ['warn', [1, 2, 3, 4]],
    ['error', [2, 3, 4]],
    ['fatal', [4]],
  ] as const)('lets JSON lines through from level %s on', (level, expected) => {
    const lines = filtered([`${JSON_LINES.join('\n')}\n`], { level })
      .split('\n')
      .slice(0, -1)
    expect(lines).toEqual(expected.map((index) => JSON_LINES[index]))
  })

  test('knows other names of levels', () => {
    const names = ['notice', 'Warning', 'err', 'CRITICAL', 'panic']
    const lines = names.map((level) => `${JSON.stringify({ level })}\n`)
    expect(filtered(lines, { level: 'error' })).toBe(lines.slice(2).join(''))
  })
})
