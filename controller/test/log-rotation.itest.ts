/** Logs are rotated while somebody writes to them at full speed: nothing is lost, nothing is read twice. */
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { appendFile, copyFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isAlive, readStat, type ProcessIdentity } from '../src/runtime/local/identity.ts'
import { HoleMover, whyNoHoles } from '../src/runtime/local/logs/hole-mover.ts'
import { readLastBytes } from '../src/runtime/local/logs/last-bytes.ts'
import { LiveLog } from '../src/runtime/local/logs/live-log.ts'
import { writeParts } from '../src/runtime/local/logs/log-parts.ts'
import { LogReader } from '../src/runtime/local/logs/log-reader.ts'
import type { Mover } from '../src/runtime/local/logs/mover.ts'
import { PauseMover } from '../src/runtime/local/logs/pause-mover.ts'
import { endPause, pauseGroup } from '../src/runtime/local/logs/pause-group.ts'
import { LocalPodLogs } from '../src/runtime/local/logs/pod-logs.ts'
import type { LogLimits } from '../src/runtime/runtime.ts'
import { poll } from './harness.ts'

const WRITER = path.join(import.meta.dirname, 'fixtures/log-writer.py')
const LINE = 98
const isLong = process.env['ORC_TEST_LONG'] !== undefined
const LINES = isLong ? 5_000_000 : 1_000_000
const Mi = 2 ** 20

let dir: string
let log: string
let writer: ChildProcess | undefined
let main: ProcessIdentity | undefined

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'orc-logs-'))
  log = path.join(dir, 'log')
})

afterEach(async () => {
  writer?.kill('SIGKILL')
  writer = undefined
  await rm(dir, { recursive: true, force: true })
})

/** Numbered lines into the log, as a run writes them. */
function write(lines: number, rate = 0): Promise<void> {
  const fd = openSync(log, 'a', 0o600)
  const child = spawn('python3', [WRITER, String(lines), String(rate)], {
    stdio: ['ignore', fd, 'inherit'],
    detached: true,
  })
  closeSync(fd)
  writer = child
  const pid = child.pid ?? 0
  main = { pid, startTicks: readStat(pid)?.startTicks ?? 0 }
  return new Promise((resolve) =>
    child.once('exit', () => {
      resolve()
    }),
  )
}

/** Rotates as often as it can until the writer has ended; a new `LiveLog` each time is a new controller each time. */
async function rotateUntil(done: Promise<void>, limits: LogLimits, mover: Mover): Promise<void> {
  let ended = false
  void done.then(() => (ended = true))
  while (!ended) {
    const live = new LiveLog(log)
    live.look()
    await live.rotate(limits, mover)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  new LiveLog(log).look()
}

async function archives(): Promise<readonly string[]> {
  return (await readdir(dir)).filter((name) => /^log\.\d+$/.test(name))
}

/** Reads the log piece by piece and counts the lines, which must follow one another. */
async function countLines(from = 0): Promise<{ readonly lines: number; readonly first: number }> {
  const reader = await LogReader.open(log)
  if (reader === undefined) throw new Error('there is no log')
  let [next, rest, expected, first] = [from, '', -1, -1]
  for (;;) {
    const { offset, bytes } = await reader.readFrom(next)
    if (bytes.length === 0) break
    next = offset + bytes.length
    const lines = (rest + bytes.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const number = Number(line.slice(0, 12))
      if (line.length !== LINE - 1 || (expected !== -1 && number !== expected))
        throw new Error(`after line ${String(expected - 1)} came ${JSON.stringify(line.slice(0, 120))}`)
      if (first === -1) first = number
      expected = number + 1
    }
  }
  await reader.close()
  if (rest !== '') throw new Error(`half a line is left: ${rest}`)
  return { lines: expected, first }
}

/** Bytes that a reader gets who is there from the beginning. */
async function follow(done: Promise<void>): Promise<number> {
  let ended = false
  void done.then(() => (ended = true))
  const run = { namespace: 'default', service: 'web', ordinal: 0 }
  const pieces = await new LocalPodLogs(() => [{ seq: 1, logPath: log, ended }]).open(
    { ...run, previous: false, timestamps: false, follow: true },
    AbortSignal.any([AbortSignal.timeout(60_000), afterEnd(done)]),
  )
  let bytes = 0
  for await (const piece of pieces ?? []) bytes += piece.length
  return bytes
}

/** Long enough after the end for a reader to have read all. */
function afterEnd(done: Promise<void>): AbortSignal {
  const abort = new AbortController()
  void done.then(() =>
    setTimeout(() => {
      abort.abort()
    }, 2000),
  )
  return abort.signal
}

async function diskUsage(): Promise<number> {
  const files = await Promise.all((await readdir(dir)).map((name) => stat(path.join(dir, name))))
  return files.reduce((sum, { blocks }) => sum + blocks * 512, 0)
}

const pause = pauseGroup(() => (main !== undefined && isAlive(main) ? main : undefined))

const MOVERS: readonly (readonly [string, () => Mover])[] = [
  ['holes', () => new HoleMover()],
  ['pauses', () => new PauseMover(pause)],
]

describe.each(MOVERS)('a log that is rotated with %s', (_name, makeMover) => {
  const mover = makeMover()
  test('loses nothing while it is written at full speed', async () => {
    const limits = { maxFileSize: Mi, maxFiles: 10_000, quota: Infinity }
    const writing = write(LINES, 50e6)
    const following = follow(writing)
    await rotateUntil(writing, limits, mover)
    expect(await countLines()).toEqual({ lines: LINES, first: 0 })
    expect((await archives()).length).toBeGreaterThan(mover instanceof PauseMover ? 5 : 10)
    expect(await diskUsage()).toBeLessThan(LINES * LINE * 1.2 + 4 * Mi)
    expect(await following).toBe(LINES * LINE)
  })

  test('keeps so many files, and its end', async () => {
    const limits = { maxFileSize: Mi, maxFiles: 3, quota: Infinity }
    await rotateUntil(write(LINES / 4, 20 * Mi), limits, mover)
    const { lines, first } = await countLines()
    expect(lines).toBe(LINES / 4)
    expect(first).toBeGreaterThan(0)
    expect((await archives()).length).toBeLessThanOrEqual(2)
    const last = readLastBytes(log, 2048)?.toString()
    expect(last).toHaveLength(2048)
    expect(last).toContain(`${String(LINES / 4 - 1).padStart(12, '0')} `)
    expect(last).not.toContain('\0')
  })

  test('counts what it throws away', async () => {
    await Promise.all([write(20_000), new Promise((resolve) => setTimeout(resolve, 500))])
    const live = new LiveLog(log)
    await live.drop(100 * LINE, mover)
    const { first } = await countLines().catch(() => ({ first: 20_000 }))
    // A process that has ended cannot be paused: nothing is lost then.
    expect(live.dropped).toBe(mover instanceof PauseMover ? 0 : first * LINE)
  })
})

describe('an orc that is killed while it rotates', () => {
  const limits = { maxFileSize: Mi, maxFiles: 10_000, quota: Infinity }
  const LITTLE = 30_000

  test('leaves an archive that nobody has heard of', async () => {
    await write(LITTLE)
    await copyFile(log, `${log}.0`)
    await truncate(`${log}.0`, 5000 * LINE)
    expect(await countLines()).toEqual({ lines: LITTLE, first: 0 })
    await new LiveLog(log).rotate(limits, new HoleMover())
    expect(await countLines()).toEqual({ lines: LITTLE, first: 0 })
    expect((await stat(`${log}.0`)).size).toBe(5000 * LINE)
    expect(await diskUsage()).toBeLessThan(LITTLE * LINE + Mi / 2)
  })

  test('leaves half an archive', async () => {
    await write(LITTLE)
    await writeFile(`${log}.0.tmp`, 'half')
    await new LiveLog(log).rotate(limits, new HoleMover())
    expect(await countLines()).toEqual({ lines: LITTLE, first: 0 })
    expect(await readdir(dir)).not.toContain('log.0.tmp')
  })

  test('leaves bytes that are elsewhere', async () => {
    await write(LITTLE)
    const holes = new HoleMover()
    const killed: Mover = { move: (...args) => holes.move(...args), free: () => Promise.reject(new Error('killed')) }
    await expect(new LiveLog(log).rotate(limits, killed)).rejects.toThrow('killed')
    expect(await countLines()).toEqual({ lines: LITTLE, first: 0 })
    const next = new LiveLog(log)
    expect(next.isFreed).toBe(false)
    await next.free(holes)
    expect(next.isFreed).toBe(true)
    expect(await countLines()).toEqual({ lines: LITTLE, first: 0 })
    expect(await diskUsage()).toBeLessThan(LITTLE * LINE + Mi / 2)
  })

  test('leaves a log that is emptied, and no word about it', async () => {
    await write(LITTLE)
    await copyFile(log, `${log}.0`)
    writeParts(log, { from: LITTLE * LINE, base: 0, dropped: 0 })
    await truncate(log)
    expect(await countLines()).toEqual({ lines: LITTLE, first: 0 })
    new LiveLog(log).look()
    await appendFile(log, await readFile(`${log}.0`))
    await expect(countLines()).rejects.toThrow(`after line ${String(LITTLE - 1)} came "000000000000 `)
  })

  test('leaves a process that is paused', async () => {
    const writing = write(LITTLE * 10, 5 * Mi)
    if (main === undefined) throw new Error('there is no writer')
    const identity = main
    await expect(
      pause(log, () => {
        throw new Error('killed')
      }),
    ).rejects.toThrow('killed')
    expect(isAlive(identity)).toBe(true)
    process.kill(identity.pid, 'SIGSTOP')
    await writeFile(`${log}.paused`, '')
    endPause(log, identity)
    expect(await readdir(dir)).not.toContain('log.paused')
    await poll('it to go on', () => readStat(identity.pid)?.state !== 'T' || undefined)
    process.kill(identity.pid, 'SIGKILL')
    await writing
  })
})

test('where the file system makes no holes, it says why', async () => {
  expect(await whyNoHoles(dir)).toBeUndefined()
  expect(await whyNoHoles('/proc')).toContain('ENOENT')
})
