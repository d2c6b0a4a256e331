import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fingerprintOf, normalize, tellingLine, type Ending } from './fingerprint.ts'

function ended(lastLines: string, more: Partial<Ending> = {}): Ending {
  return { exitCode: 1, reason: 'Exited', lastLines, ...more }
}

test.each([
  ['ConnectionError: 10.0.0.7:5432 refused after 3 s', 'ConnectionError: <address> refused after <n> s'],
  ['2026-01-02T03:04:05.678Z ERROR job 17', '<time> ERROR job <n>'],
  ['2026-01-02 03:04:05,678 failed', '<time> failed'],
  ['[12:30:01] boom', '[<time>] boom'],
  ['no row 7f1b9c2e-0a1b-4c3d-8e9f-001122334455', 'no row <uuid>'],
  ['object at 0x7f00dead, blob 9a8b7c6d5e4f', 'object at <n>, blob <n>'],
  ['cannot open /var/lib/x/1.db: ENOENT', 'cannot open <path>: ENOENT'],
  ['listen EADDRINUSE: address already in use :::8080', 'listen EADDRINUSE: address already in use :::<n>'],
  ['KeyError: deadbeef', 'KeyError: deadbeef'],
  ['took 1.25s', 'took <n>s'],
])('%s', (line, normal) => {
  expect(normalize(line)).toBe(normal)
})

test('a normal line stays as it is', () => {
  const word = fc.constantFrom(
    'at',
    '/a/b',
    '1.5',
    '0xff',
    '10.0.0.1:80',
    '2026-01-01',
    'deadbeef0',
    'x:',
    'é',
    '/',
    '.',
    '@',
    '0',
  )
  const lines = fc.oneof(
    fc.string(),
    fc.array(word).map((words) => words.join(' ')),
    fc.array(word, { maxLength: 5 }).map((words) => words.join('')),
  )
  fc.assert(
    fc.property(lines, (line) => {
      expect(normalize(normalize(line))).toBe(normalize(line))
    }),
  )
})

test('numbers, times and ids make no difference; words, codes, signals and reasons do', () => {
  const values = fc.record({
    n: fc.nat(),
    time: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
    id: fc.uuid(),
  })
  const line = ({ n, time, id }: { n: number; time: Date; id: string }): string =>
    `${time.toISOString()} request ${id} failed after ${String(n)} ms in /srv/${String(n)}/main.py`
  fc.assert(
    fc.property(values, values, (a, b) => {
      expect(fingerprintOf(ended(line(a)))).toBe(fingerprintOf(ended(line(b))))
    }),
  )
  const others = [
    ended('boom'),
    ended('bang'),
    ended('boom', { exitCode: 2 }),
    ended('boom', { exitCode: 137, signal: 9, reason: 'Killed' }),
    ended('boom', { exitCode: 137, signal: 9, reason: 'OOMKilled' }),
    ended('boom', { exitCode: 0, reason: 'LivenessProbeFailed' }),
  ]
  expect(new Set(others.map(fingerprintOf)).size).toBe(others.length)
})

describe('no failure', () => {
  test.each([
    ended('', { exitCode: 0 }),
    ended('x', { exitCode: 143, signal: 15, reason: 'SpecChanged' }),
    ended('x', { exitCode: 143, signal: 15, reason: 'Stopped' }),
    ended('x', { exitCode: -1, reason: 'HostReboot' }),
  ])('is $reason with $exitCode', (ending) => {
    expect(fingerprintOf(ending)).toBe('')
  })
})

test('the line that counts is the last one that says something', () => {
  const node =
    'Error: no database\n    at open (file:///srv/a.mjs:3:9)\n    at main (file:///srv/a.mjs:9:1)\n}\n\nNode.js v20.20.2'
  expect(tellingLine(node)).toBe('Error: no database')
  expect(tellingLine('first\n\u001b[31mred words\u001b[0m\n\n')).toBe('red words')
  expect(tellingLine('}\n')).toBe('')
  expect(tellingLine()).toBe('')
})

test('a long line costs little', () => {
  const beganMs = performance.now()
  normalize(`${'a/'.repeat(100_000)}${'0'.repeat(100_000)}`)
  for (const piece of ['0', 'a/', '/', '1.', '2026-', 'f', ' ', '{']) fingerprintOf(ended(piece.repeat(4096)))
  expect(performance.now() - beganMs).toBeLessThan(500)
})
