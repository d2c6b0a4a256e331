import { expect, test } from 'vitest'
import { formatLogQuery, linesKeyOf, logOptionsOf, parseLogQuery } from './log-query.ts'

const queryOf = (text: string) => parseLogQuery(new URLSearchParams(text))

test('an address says all that is shown, and comes back the shortest way', () => {
  const text = 'service=default/a&service=other/b&previous=true&range=1h&level=warn&q=out+of+memory&only=true'
  expect(formatLogQuery(queryOf(text))).toBe(text)
  expect(formatLogQuery(queryOf('service=a&service=default/a&range=odd&level=odd&at=odd'))).toBe('service=default/a')
})

test('the server is asked for what the address says', () => {
  expect(logOptionsOf(queryOf('service=a'))).toEqual({ tailLines: 10_000 })
  expect(logOptionsOf(queryOf('service=a&range=5m&level=error&q=x'))).toEqual({ sinceSeconds: 300, level: 'error' })
  expect(logOptionsOf(queryOf('service=a&range=all&q=x&only=true'))).toEqual({ grep: 'x' })
  expect(logOptionsOf(queryOf('service=a&since=2026-03-01T12:00:00Z&until=2026-03-01T13:00:00Z'))).toEqual({
    sinceTime: '2026-03-01T12:00:00.000Z',
    untilTime: '2026-03-01T13:00:00.000Z',
  })
})

test('a moment is shown with what came before it, earlier runs too', () => {
  const query = queryOf('service=a&at=2026-03-01T12:00:00Z')
  expect(logOptionsOf(query)).toEqual({ sinceTime: '2026-03-01T11:45:00.000Z' })
  expect(query.hasPrevious).toBe(true)
  expect(formatLogQuery(query)).toBe('service=default/a&at=2026-03-01T12:00:00.000Z')
})

test('looking for words alone needs no other lines', () => {
  expect(linesKeyOf(queryOf('service=a&q=x'))).toBe(linesKeyOf(queryOf('service=a')))
  expect(linesKeyOf(queryOf('service=a&q=x&only=true'))).not.toBe(linesKeyOf(queryOf('service=a')))
})
