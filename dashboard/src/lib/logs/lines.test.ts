import { expect, test } from 'vitest'
import { fieldsOf } from './fields.ts'
import { levelOf } from './level.ts'

test.each([
  ['{"level":"warning","msg":"a"}', 'warn'],
  ['{"severity":"CRITICAL"}', 'fatal'],
  ['{"level":50}', 'error'],
  ['{"level":"odd"}', undefined],
  ['{"level":', undefined],
  ['2026-01-01 12:00 ERROR it broke', 'error'],
  ['level=warn msg=x', 'warn'],
  ['[INFO] ready', 'info'],
  ['an error in a sentence', undefined],
  ['ERROR=0 all well', undefined],
])('%s is %s', (text, level) => {
  expect(levelOf(text)).toBe(level)
})

test('a JSON object is shown by its fields', () => {
  expect(fieldsOf('{"event":"done","n":8,"ok":true,"usage":{"in":1}}')).toEqual([
    { name: 'event', text: '"done"', type: 'String' },
    { name: 'n', text: '8', type: 'Number' },
    { name: 'ok', text: 'true', type: 'Other' },
    { name: 'usage', text: '{"in":1}', type: 'Other' },
  ])
  expect(fieldsOf(JSON.stringify({ trace: 'a\nb' }))).toEqual([{ name: 'trace', text: 'a\nb', type: 'String' }])
  expect(fieldsOf(JSON.stringify({ long: { text: 'x'.repeat(100) } }))?.[0]?.text).toContain('\n')
})

test('all else is none', () => {
  for (const text of ['', '{}', '[1]', '{broken}', 'text', `{"a":"${'x'.repeat(300_000)}"}`])
    expect(fieldsOf(text)).toBeUndefined()
})
