import { expect, test } from 'vitest'
import { warningHeaders } from './answer.ts'

const lines = (warnings: readonly string[]): readonly string[] => {
  const { Warning = [] } = warningHeaders(warnings)
  return typeof Warning === 'string' ? [Warning] : Warning
}

test('no warnings, no header', () => {
  expect(warningHeaders([])).toEqual({})
})

test('warnings are quoted, and cannot end the header', () => {
  expect(lines(['say "no" \\ now', 'a\r\nSet-Cookie: x'])).toEqual([
    String.raw`299 - "say \"no\" \\ now"`,
    '299 - "a Set-Cookie: x"',
  ])
})

test('other scripts go out as UTF-8', () => {
  const [line = ''] = lines(['ключ …'])
  expect(Buffer.from(line, 'latin1').toString()).toBe('299 - "ключ …"')
})

test('long ones and many are cut, so that the answer is still taken', () => {
  const many = lines(Array.from({ length: 100 }, () => 'x'.repeat(1000)))
  expect(many[0]).toHaveLength('299 - ""'.length + 256)
  expect(many.join('').length).toBeLessThanOrEqual(4096)
})
