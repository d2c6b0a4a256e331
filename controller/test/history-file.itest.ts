/** History on a real disk: what is written is there again, and whatever becomes of the file costs history only. */
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import v8 from 'node:v8'
import vm from 'node:vm'
import Database from 'libsql'
import type { KubeEvent } from '@orc/schemas'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../src/clock.ts'
import { HistoryFile, KEPT, type Row } from '../src/history/history-file.ts'
import { History } from '../src/history/history.ts'
import { MIGRATIONS } from '../src/history/migrations.ts'
import type { MutationRow, RunRow } from '../src/ports/history.ts'
import { poll } from './harness.ts'

const DAY_MS = 24 * 3_600_000

let dir: string
let file: string
let lines: string[]
const open: History[] = []

beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'orc-history-'))
  file = path.join(dir, 'history.db')
  lines = []
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((history) => history.close()))
  rmSync(dir, { recursive: true, force: true })
})

function historyOf(at = file): History {
  const note = (message: string): void => void lines.push(message)
  const history = new History({ file: at, clock: systemClock, log: { info: note, warn: note, error: note } })
  open.push(history)
  return history
}

function eventOf(name: string, more: Partial<KubeEvent> & { atMs?: number } = {}): KubeEvent {
  const { atMs = Date.now(), ...rest } = more
  const time = new Date(atMs).toISOString()
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: 'default', creationTimestamp: time },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web-0', uid: 'u' },
    ...{ type: 'Warning', reason: 'BackOff', message: 'A sentence; with "quotes", ünïcode.' },
    source: { component: 'orc' },
    ...{ firstTimestamp: time, lastTimestamp: time, count: 1, reportingComponent: 'orc', reportingInstance: '' },
    ...rest,
  }
}

function runOf(runId: string, more: Partial<RunRow> = {}): RunRow {
  const nowMs = Date.now()
  return {
    ...{ runId, namespace: 'default', service: 'web', uid: 'u', ordinal: 0, seq: 1, incarnation: 1, revision: 'r' },
    ...{ exitCode: 1, reason: 'Exited', startedAtMs: nowMs - 1000, finishedAtMs: nowMs, lastLines: 'boom' },
    ...more,
  }
}

function mutationOf(more: Partial<MutationRow> = {}): MutationRow {
  return {
    ...{ atMs: Date.now(), user: 'admin', verb: 'patch', kind: 'AgentService', namespace: 'default', name: 'web' },
    ...{ changed: ['spec.replicas'], code: 200 },
    ...more,
  }
}

function rowsIn(table: string, at = file): Record<string, unknown>[] {
  const database = new Database(at)
  try {
    return database.prepare(`SELECT * FROM ${table}`).all() as Record<string, unknown>[]
  } finally {
    database.close()
  }
}

/** libsql closes a file when the garbage is collected; only then nothing of it is left in this process. */
async function released(): Promise<void> {
  v8.setFlagsFromString('--expose-gc')
  const collect = vm.runInNewContext('gc') as () => void
  await poll('the file to be closed', () => {
    collect()
    const files = readdirSync('/proc/self/fd').map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`)
      } catch {
        return ''
      }
    })
    return files.some((name) => name.startsWith(dir)) ? undefined : true
  })
}

const asideIn = (kind: string): string[] =>
  readdirSync(dir).filter((name) => name.startsWith(`history.db.${kind}-`) && !/-(wal|shm)$/.test(name))

describe('what is recorded', () => {
  test('is in the file when history is closed, and in the next history', async () => {
    const history = historyOf()
    const event = eventOf('a')
    history.recordEvent(event)
    history.recordRun(runOf('1', { signal: 9, lastLines: 'a\0b' }))
    history.recordMutation(mutationOf({ fromVersion: '1', toVersion: '2', toGeneration: 2 }))
    await history.close()
    expect(await historyOf().events(0, 10)).toEqual([event])
    expect(rowsIn('runs')).toMatchObject([
      { run_id: '1', service: 'web', exit_code: 1, signal: 9, last_lines: 'a\ufffdb' },
    ])
    expect(rowsIn('mutations')).toMatchObject([
      { user: 'admin', verb: 'patch', from_version: '1', to_version: '2', changed: '["spec.replicas"]', code: 200 },
    ])
    expect(history.lost).toBe(0)
    expect(lines).toEqual([])
  })

  test('is there soon without an end, a mutation first', async () => {
    const history = historyOf()
    history.recordMutation(mutationOf())
    await poll(
      'the row',
      () => (statSync(file, { throwIfNoEntry: false }) && rowsIn('mutations').length > 0) || undefined,
    )
    history.recordEvent(eventOf('a'))
    await poll('the event', async () => (await history.events(0, 1)).length > 0 || undefined)
  })

  test('is one row however often it is told: the latest of an event, the first of a run', async () => {
    const history = historyOf()
    for (const count of [1, 2, 3]) history.recordEvent(eventOf('a', { count, message: `n ${count}` }))
    history.recordRun(runOf('1'))
    history.recordRun(runOf('1', { exitCode: 7 }))
    await history.close()
    expect(await historyOf().events(0, 10)).toMatchObject([{ count: 3, message: 'n 3' }])
    expect(rowsIn('runs')).toMatchObject([{ exit_code: 1 }])
    expect(await open.at(-1)?.knownRuns(['1', '2'])).toEqual(['1'])
  })

  test('is asked for by time, the latest first', async () => {
    const history = historyOf()
    const nowMs = Date.now()
    for (const [name, atMs] of Object.entries({ a: nowMs - 5000, b: nowMs, c: nowMs - 90 * 60_000 }))
      history.recordEvent(eventOf(name, { atMs }))
    await history.close()
    const names = async (sinceMs: number, limit: number) =>
      (await historyOf().events(sinceMs, limit)).map(({ metadata }) => metadata.name)
    expect(await names(nowMs - 3_600_000, 10)).toEqual(['b', 'a'])
    expect(await names(0, 2)).toEqual(['b', 'a'])
  })

  test('beyond the bound is counted, told once, and blocks nobody', async () => {
    const history = historyOf()
    const start = performance.now()
    for (let at = 0; at < 30_000; at++) history.recordEvent(eventOf(`e${at % 7}`))
    expect(performance.now() - start).toBeLessThan(2000)
    expect(history.lost).toBe(20_000)
    await history.close()
    expect(lines.filter((line) => line.includes('cannot be written'))).toHaveLength(1)
    expect(rowsIn('events')).toHaveLength(7)
  })
})

describe('what is kept', () => {
  test('is bounded by age and number, and a service that never rests pushes out no other', () => {
    const history = new HistoryFile(file)
    const nowMs = Date.now()
    const rows: Row[] = [
      { type: 'Event', event: eventOf('old', { atMs: nowMs - (KEPT.events.days + 1) * DAY_MS }) },
      { type: 'Event', event: eventOf('new') },
      { type: 'Run', run: runOf('old', { finishedAtMs: nowMs - (KEPT.runs.days + 1) * DAY_MS }) },
      { type: 'Run', run: runOf('quiet', { service: 'quiet', finishedAtMs: nowMs - DAY_MS }) },
      { type: 'Mutation', mutation: mutationOf({ name: 'old', atMs: nowMs - (KEPT.mutations.days + 1) * DAY_MS }) },
      { type: 'Mutation', mutation: mutationOf({ name: 'new' }) },
      { type: 'Mutation', mutation: mutationOf({ name: 'refused', code: 403, atMs: nowMs - 91 * DAY_MS }) },
      ...Array.from({ length: KEPT.runs.rowsPerService + 50 }, (_, at): Row => {
        return { type: 'Run', run: runOf(`loud-${at}`, { service: 'loud', finishedAtMs: nowMs + at }) }
      }),
      ...Array.from({ length: KEPT.refusals.rows + 50 }, (): Row => {
        return { type: 'Mutation', mutation: mutationOf({ name: 'flood', code: 401 }) }
      }),
    ]
    history.write(rows)
    history.prune(nowMs)
    history.close()
    expect(rowsIn('events').map(({ name }) => name)).toEqual(['new'])
    const runs = rowsIn('runs').map(({ run_id }) => run_id)
    expect(runs).toHaveLength(KEPT.runs.rowsPerService + 1)
    expect(runs).toContain('quiet')
    expect(runs).not.toContain('loud-0')
    const mutations = rowsIn('mutations').map(({ name }) => name)
    expect(mutations.filter((name) => name !== 'flood')).toEqual(['new'])
    expect(mutations).toHaveLength(KEPT.refusals.rows + 1)
  })
})

describe('a file', () => {
  async function fill(): Promise<void> {
    const history = historyOf()
    for (let at = 0; at < 500; at++) history.recordEvent(eventOf(`e${at}`, { message: 'x'.repeat(500) }))
    await history.close()
    open.pop()
    await released()
  }

  test.each([
    ['is no database', () => writeFileSync(file, 'no database '.repeat(1000))],
    ['lost its pages', () => truncateSync(file, 8192)],
    [
      'was overwritten inside',
      () => {
        const bytes = readFileSync(file)
        bytes.fill(0xa5, 4096)
        writeFileSync(file, bytes)
      },
    ],
  ])('that %s is put aside, and a new one is begun', async (_, damage) => {
    await fill()
    damage()
    const history = historyOf()
    await history.events(0, 1000)
    history.recordEvent(eventOf('after'))
    await history.close()
    expect(asideIn('corrupt')).toHaveLength(1)
    expect(lines.join('\n')).toMatch(/history cannot be read .* put aside as .*history\.db\.corrupt-/)
    expect(rowsIn('events').map(({ name }) => name)).toEqual(['after'])
    expect(history.lost).toBe(0)
  })

  test('of a later orc is put aside, not changed', async () => {
    await fill()
    const database = new Database(file)
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`)
    database.close()
    await historyOf().events(0, 1)
    const [aside] = asideIn('newer')
    expect(rowsIn('events', path.join(dir, aside ?? ''))).toHaveLength(500)
    expect(lines.join('\n')).toContain(`version ${MIGRATIONS.length + 1}`)
  })

  test('that somebody removes is made anew, with its rows', async () => {
    const history = historyOf()
    history.recordMutation(mutationOf({ name: 'before' }))
    await poll(
      'the first row',
      () => (statSync(file, { throwIfNoEntry: false }) && rowsIn('mutations').length > 0) || undefined,
    )
    for (const name of readdirSync(dir)) rmSync(path.join(dir, name))
    history.recordMutation(mutationOf({ name: 'after' }))
    await history.close()
    expect(rowsIn('mutations').map(({ name }) => name)).toEqual(['after'])
    expect(history.lost).toBe(0)
  })

  test('that cannot be made costs rows, is told once, and is written as soon as it can', async () => {
    const below = path.join(dir, 'missing')
    const history = historyOf(path.join(below, 'history.db'))
    for (const times of [1, 2, 3]) {
      history.recordMutation(mutationOf())
      await poll('the loss', () => history.lost === times || undefined)
    }
    mkdirSync(below)
    history.recordMutation(mutationOf({ name: 'at last' }))
    await history.close()
    expect(rowsIn('mutations', path.join(below, 'history.db')).map(({ name }) => name)).toEqual(['at last'])
    expect(lines).toHaveLength(2)
    expect(lines[1]).toContain('3 rows were lost')
  })

  test('on a full disk costs rows and says so once', async ({ skip }) => {
    const small = path.join(dir, 'small')
    mkdirSync(small)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small], { stdio: 'ignore' })
    } catch {
      skip('only root can mount a small disk')
    }
    try {
      const history = historyOf(path.join(small, 'history.db'))
      for (let at = 0; at < 4000; at++) history.recordEvent(eventOf(`e${at}`, { message: 'x'.repeat(1000) }))
      await history.close()
      expect(history.lost).toBeGreaterThan(1000)
      expect(lines.filter((line) => line.includes('cannot be written'))).toHaveLength(1)
      expect(asideIn('corrupt')).toEqual([])
    } finally {
      open.pop()
      await released()
      execFileSync('umount', [small])
    }
  })
})
