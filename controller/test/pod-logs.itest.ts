/** Logs as they are read while processes write them: from a time on, with times, cut, and across exits. */
import { appendFile, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogRequest } from '../src/ports/pod-logs.ts'
import { LogIndex, noteGrowth, type LogEntry } from '../src/runtime/local/logs/log-index.ts'
import { LocalPodLogs, type LoggedRun } from '../src/runtime/local/logs/pod-logs.ts'
import { poll } from './harness.ts'

let dir: string
let log: string
let runs: LoggedRun[]
let last: LogEntry | undefined

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'orc-logs-'))
  log = path.join(dir, 'log')
  runs = [{ seq: 1, logPath: log, ended: true }]
  last = undefined
  await writeFile(log, '')
})

afterEach(() => rm(dir, { recursive: true, force: true }))

/** Appends, and says that it was written at a time. */
async function write(text: string, atMs: number): Promise<void> {
  await appendFile(log, text)
  await utimes(log, atMs / 1000, atMs / 1000)
  last = noteGrowth(log, last, { offset: (await stat(log)).size, writtenMs: atMs })
}

async function read(more: Partial<LogRequest> = {}, signal = new AbortController().signal): Promise<string> {
  const request: LogRequest = {
    namespace: 'default',
    service: 'web',
    ordinal: 0,
    previous: false,
    follow: false,
    timestamps: false,
    ...more,
  }
  const pieces = await new LocalPodLogs(() => runs).open(request, signal)
  const buffers: Uint8Array[] = []
  for await (const piece of pieces ?? []) buffers.push(piece)
  return Buffer.concat(buffers).toString()
}

const T = Date.UTC(2026, 0, 1)

describe('a log with times', () => {
  beforeEach(async () => {
    await write('one\ntwo\n', T)
    await write('three\n', T + 10_000)
    await write('fo', T + 20_000)
    await write('ur\nfive\n', T + 30_000)
  })

  test.each([
    [T - 1, 'one\ntwo\nthree\nfour\nfive\n'],
    [T, 'one\ntwo\nthree\nfour\nfive\n'],
    [T + 1, 'three\nfour\nfive\n'],
    [T + 10_000, 'three\nfour\nfive\n'],
    // A line counts from its beginning on, also when only its end is young enough.
    [T + 20_001, 'four\nfive\n'],
    [T + 30_000, 'four\nfive\n'],
    [T + 30_001, ''],
  ])('is read from %i on', async (sinceMs, text) => {
    expect(await read({ sinceMs })).toBe(text)
  })

  test('shows when each line had been written', async () => {
    expect(await read({ timestamps: true })).toBe(
      [
        '2026-01-01T00:00:00.000Z one',
        '2026-01-01T00:00:00.000Z two',
        '2026-01-01T00:00:10.000Z three',
        '2026-01-01T00:00:20.000Z four',
        '2026-01-01T00:00:30.000Z five',
        '',
      ].join('\n'),
    )
  })

  test('takes the shorter of tail and time', async () => {
    expect(await read({ tailLines: 1, sinceMs: T })).toBe('five\n')
    expect(await read({ tailLines: 4, sinceMs: T + 10_000 })).toBe('three\nfour\nfive\n')
  })

  test('ends at its limit', async () => {
    expect(await read({ limitBytes: 5 })).toBe('one\nt')
    expect(await read({ limitBytes: 0 })).toBe('')
    expect(await read({ limitBytes: 1000 })).toHaveLength(24)
  })

  test('is what it is without an index, as of its last write', async () => {
    await rm(`${log}.idx`)
    expect(await read({ sinceMs: T + 30_000 })).toContain('one')
    expect(await read({ sinceMs: T + 30_001 })).toBe('')
    expect(await read({ timestamps: true, tailLines: 1 })).toBe('2026-01-01T00:00:30.000Z five\n')
  })

  test.each([
    [T - 1, ''],
    [T, 'one\ntwo\n'],
    [T + 15_000, 'one\ntwo\nthree\n'],
    // A line counts from its beginning on, also when its end is too young.
    [T + 20_000, 'one\ntwo\nthree\nfour\n'],
    [T + 30_000, 'one\ntwo\nthree\nfour\nfive\n'],
  ])('is read up to %i', async (untilMs, text) => {
    expect(await read({ untilMs })).toBe(text)
  })

  test('shows the lines that are asked for, with their times', async () => {
    expect(await read({ grep: 'o' })).toBe('one\ntwo\nfour\n')
    expect(await read({ grep: 'o', sinceMs: T + 1, untilMs: T + 25_000, timestamps: true })).toBe(
      '2026-01-01T00:00:20.000Z four\n',
    )
    expect(await read({ grep: 'o', tailLines: 2 })).toBe('four\n')
    expect(await read({ grep: 'o', limitBytes: 5 })).toBe('one\nt')
    await write('{"level":"warn"}\n{"level":"info"}', T + 40_000)
    expect(await read({ level: 'info' })).toBe('{"level":"warn"}\n{"level":"info"}')
    expect(await read({ level: 'warn' })).toBe('{"level":"warn"}\n')
  })

  test('does not believe half an entry', async () => {
    await appendFile(`${log}.idx`, Buffer.alloc(7))
    expect(LogIndex.read(log)).toMatchObject({ length: 4, last: { offset: 24, writtenMs: T + 30_000 } })
  })
})

test('an index grows only with its log', async () => {
  await write('a\n', T)
  await write('', T + 1000)
  await write('b\n', T + 2000)
  expect(LogIndex.read(log).length).toBe(2)
})

test('an index is searched by halves, for any offset and any time', async () => {
  for (let at = 1; at <= 100; at += 1) await write('x'.repeat(at), T + at * 1000)
  const index = LogIndex.read(log)
  for (let at = 1; at <= 100; at += 1) {
    const end = (at * (at + 1)) / 2
    expect(index.timeOf(end - 1)).toBe(T + at * 1000)
    expect(index.offsetSince(T + at * 1000)).toBe(end - at)
  }
  expect(index.timeOf(5050)).toBeUndefined()
})

test('the last lines are as many as asked for, however fast more comes', async () => {
  await write('first\nsecond\n', T)
  for (let round = 0; round < 200; round += 1) {
    const [text] = await Promise.all([read({ tailLines: 2 }), appendFile(log, `line ${String(round)}\n`)])
    expect(text.split('\n')).toHaveLength(3)
  }
})

test('a reader that is there before the log waits for it', async () => {
  const late = path.join(dir, 'late')
  runs = [{ seq: 1, logPath: late, ended: false }]
  const reading = read({ follow: true })
  await new Promise((resolve) => setTimeout(resolve, 250))
  await writeFile(late, 'here\n')
  runs = [{ seq: 1, logPath: late, ended: true }]
  setTimeout(() => (runs = []), 250)
  expect(await reading).toBe('here\n')
})

test('a reader follows across exits, with times, and misses nothing', async () => {
  runs = [{ seq: 1, logPath: log, ended: false }]
  const abort = new AbortController()
  let text = ''
  const request: LogRequest = {
    namespace: 'default',
    service: 'web',
    ordinal: 0,
    previous: false,
    follow: true,
    timestamps: true,
  }
  const pieces = await new LocalPodLogs(() => runs).open(request, abort.signal)
  const reading = (async () => {
    for await (const piece of pieces ?? []) text += Buffer.from(piece).toString()
  })()
  const before = Date.now()
  await appendFile(log, 'first ')
  await poll('the beginning', () => text.includes('first') || undefined)
  await appendFile(log, 'life\n')
  const second = path.join(dir, 'log2')
  await writeFile(second, 'second life\n')
  runs = [
    { seq: 1, logPath: log, ended: true },
    { seq: 2, logPath: second, ended: false },
  ]
  await poll('the second life', () => text.includes('second life\n') || undefined)
  runs = []
  await reading
  const lines = text.trimEnd().split('\n')
  expect(lines.map((line) => line.slice(25))).toEqual(['first life', 'second life'])
  for (const line of lines) expect(Math.abs(Date.parse(line.slice(0, 24)) - before)).toBeLessThan(5000)
})
