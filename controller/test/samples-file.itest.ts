/** Samples in a real file: what was written is there in every resolution, whatever clock and crash did meanwhile. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import Database from 'libsql'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../src/clock-fake.ts'
import { HistoryFile } from '../src/history/history-file.ts'
import { History } from '../src/history/history.ts'
import { MIGRATIONS } from '../src/history/migrations.ts'
import { RESOLUTIONS } from '../src/history/resolutions.ts'
import type { SamplePoint } from '../src/history/samples-file.ts'
import type { RunRow, ServiceSample } from '../src/ports/history.ts'

const WEB = { namespace: 'default', service: 'web', uid: 'u' }
const DAY_MS = 24 * 3_600_000
/** A full day, and not so long ago that it is forgotten. */
const NOW = Math.floor(Date.now() / DAY_MS) * DAY_MS

let dir: string
let file: string
const open: History[] = []
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'orc-samples-'))
  file = path.join(dir, 'history.db')
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((history) => history.close()))
  rmSync(dir, { recursive: true, force: true })
})

function historyOf(at = file): History {
  const note = (): undefined => undefined
  const history = new History({
    file: at,
    clock: new FakeClock({ wallMs: NOW }),
    log: { info: note, warn: note, error: note },
  })
  open.push(history)
  return history
}

async function asked<T>(answer: Promise<T | undefined>): Promise<T> {
  const value = await answer
  if (value === undefined) throw new Error('history gave no answer')
  return value
}

function sampleOf(more: Partial<ServiceSample> = {}): ServiceSample {
  return {
    ...{ ...WEB, wantedReplicas: 1, readyReplicas: 1, restarts: 0 },
    usage: { cpuCores: 0.5, memoryBytes: 2048, processes: 1 },
    ...more,
  }
}

function write(history: HistoryFile, atMs: number, ...samples: ServiceSample[]): void {
  history.write([{ type: 'Samples', atMs, samples }])
}

function points(history: HistoryFile, at: number, range: { sinceMs: number; untilMs: number }): SamplePoint[] {
  const resolution = RESOLUTIONS[at]
  if (resolution === undefined) throw new Error('no such resolution')
  return history.samples.ofService(WEB, { resolution, stepMs: resolution.periodMs, ...range })
}

/** Values by table, over all times and services. */
function totals(): Record<string, unknown>[] {
  const database = new Database(file)
  try {
    return RESOLUTIONS.map(
      ({ table }) =>
        database
          .prepare(
            `SELECT sum(n) AS n, sum(ready_sum) AS ready, sum(restarts) AS restarts, max(cpu_max) AS most,
               min(ready_min) AS least, sum(probe_sum) AS probe FROM ${table}`,
          )
          .get() as Record<string, unknown>,
    )
  } finally {
    database.close()
  }
}

describe('samples', () => {
  test('add up in each resolution, with the sums, the most and the least', () => {
    const history = new HistoryFile(file)
    write(history, NOW, sampleOf({ readyReplicas: 0, answers: { count: 2, totalMs: 30, longestMs: 20.5 } }))
    write(history, NOW + 10_000, sampleOf({ usage: { cpuCores: 1.5, memoryBytes: 4096, processes: 3 }, restarts: 2 }))
    const range = { sinceMs: NOW, untilMs: NOW + 60_000 }
    expect(points(history, 0, range)).toHaveLength(2)
    const whole = [
      {
        ...{ at_ms: NOW, n: 2, wanted_sum: 2, ready_sum: 1, ready_min: 0, restarts: 2, usage_n: 2 },
        ...{ cpu_sum: 2_000_000, cpu_max: 1_500_000, memory_sum: 6, memory_max: 4 },
        ...{ processes_sum: 4, processes_max: 3, probe_n: 2, probe_sum: 30_000, probe_max: 20_500 },
      },
    ]
    for (const at of [1, 2, 3]) expect(points(history, at, range)).toEqual(whole)
    history.close()
  })

  test('of several periods are one point when the step is longer', () => {
    const history = new HistoryFile(file)
    for (const atMs of [NOW, NOW + 60_000, NOW + 180_000]) write(history, atMs, sampleOf({ restarts: 1 }))
    const range = { sinceMs: NOW + 70_000, untilMs: NOW + 600_000, stepMs: 120_000, resolution: RESOLUTIONS[1] }
    expect(history.samples.ofService(WEB, range).map(({ at_ms, n, restarts }) => [at_ms, n, restarts])).toEqual([
      [NOW, 2, 2],
      [NOW + 120_000, 1, 1],
    ])
    history.close()
  })

  test('leave gaps where nobody looked, and tell a service from the one before it of the same name', () => {
    const history = new HistoryFile(file)
    write(history, NOW, sampleOf(), sampleOf({ uid: 'before' }), sampleOf({ service: 'other' }))
    write(history, NOW + 120_000, sampleOf())
    expect(points(history, 1, { sinceMs: NOW, untilMs: NOW + 600_000 }).map(({ at_ms, n }) => [at_ms, n])).toEqual([
      [NOW, 1],
      [NOW + 120_000, 1],
    ])
    history.close()
  })

  test('are whole whatever is cut off between them, and wherever the clock jumps', () => {
    const step = fc.record({
      jumpMs: fc.oneof(fc.constant(10_000), fc.integer({ min: -7_200_000, max: 7_200_000 })),
      restarts: fc.integer({ min: 0, max: 3 }),
      cpu: fc.integer({ min: 0, max: 8 }),
      readyReplicas: fc.integer({ min: 0, max: 2 }),
      reopens: fc.boolean(),
    })
    let round = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        file = path.join(dir, `${String((round += 1))}.db`)
        let history = new HistoryFile(file)
        let atMs = NOW
        for (const { jumpMs, restarts, cpu, readyReplicas, reopens } of steps) {
          // Not so far that anything grows old.
          atMs = Math.min(Math.max(atMs + jumpMs, NOW - 7_200_000), NOW + 7_200_000)
          const usage = { cpuCores: cpu, memoryBytes: 0, processes: 1 }
          write(history, atMs, sampleOf({ restarts, readyReplicas, usage }))
          if (!reopens) continue
          history.close()
          history = new HistoryFile(file)
        }
        history.close()
        const sum = (value: (each: (typeof steps)[number]) => number): number =>
          steps.reduce((total, each) => total + value(each), 0)
        const expected = {
          n: steps.length,
          ready: sum(({ readyReplicas }) => readyReplicas),
          restarts: sum(({ restarts }) => restarts),
          most: Math.max(...steps.map(({ cpu }) => cpu * 1_000_000)),
          least: Math.min(...steps.map(({ readyReplicas }) => readyReplicas)),
          probe: 0,
        }
        for (const total of totals()) expect(total).toMatchObject(expected)
      }),
      { numRuns: 20 },
    )
  })

  test('go when they are old, little by little, and the rest stays', () => {
    const history = new HistoryFile(file)
    const oldMs = NOW - 2 * DAY_MS
    for (let tick = 0; tick < 120; tick++) write(history, oldMs + tick * 10_000, sampleOf())
    const raw = (): number => points(history, 0, { sinceMs: oldMs, untilMs: NOW }).length
    expect(raw()).toBe(120)
    write(history, NOW, sampleOf())
    expect(raw()).toBe(70)
    for (const later of [1, 2]) write(history, NOW + later * 10_000, sampleOf())
    expect(raw()).toBe(0)
    expect(points(history, 1, { sinceMs: oldMs, untilMs: NOW })).toHaveLength(20)
    history.close()
  })

  test('of a service that is long gone take its name with them', () => {
    const history = new HistoryFile(file)
    write(history, NOW - 100 * DAY_MS, sampleOf({ uid: 'gone' }))
    write(history, NOW, sampleOf())
    history.prune(NOW)
    write(history, NOW + 10_000, sampleOf())
    history.close()
    const database = new Database(file)
    expect(database.prepare('SELECT uid FROM sampled_services').all()).toMatchObject([{ uid: 'u' }])
    database.close()
  })
})

describe('questions', () => {
  const identity = WEB

  test('for coarser steps are answered by means, with the most and the least of them', async () => {
    const history = historyOf()
    const beginMs = NOW - 120_000
    for (const [at, cpuCores] of [1, 2, 6].entries())
      history.recordSamples(beginMs + at * 10_000, [
        sampleOf({ usage: { cpuCores, memoryBytes: 1024, processes: at }, readyReplicas: at % 2, restarts: 1 }),
      ])
    await history.close()
    const { stepMs, points: shown } = await asked(
      historyOf().samples(identity, { sinceMs: beginMs, untilMs: NOW, stepMs: 60_000 }),
    )
    expect(stepMs).toBe(60_000)
    expect(shown).toEqual([
      {
        ...{ time: new Date(beginMs).toISOString(), wantedReplicas: 1, readyReplicas: 0.333, leastReadyReplicas: 0 },
        ...{
          uptimeShare: 0.33333,
          restarts: 3,
          cpuCores: 3,
          mostCpuCores: 6,
          memoryBytes: 1024,
          mostMemoryBytes: 1024,
        },
        ...{ processes: 1, mostProcesses: 2 },
      },
    ])
  })

  test('about all services are answered in hours, gaps as null, and one that was not wanted has no uptime', async () => {
    const history = historyOf()
    const hour = 3_600_000
    const stopped = sampleOf({ service: 'stopped', wantedReplicas: 0, readyReplicas: 0 })
    history.recordSamples(NOW - 3 * hour, [sampleOf(), stopped])
    history.recordSamples(NOW - hour, [
      sampleOf({ readyReplicas: 0, restarts: 2 }),
      stopped,
      sampleOf({ namespace: 'team' }),
    ])
    await history.close()
    const later = historyOf()
    const all = await asked(later.overview(undefined, { sinceMs: NOW - 3 * hour, untilMs: NOW }))
    expect(all).toMatchObject({ sinceMs: NOW - 3 * hour, stepMs: hour })
    expect(all.rows.map(({ namespace, service }) => `${namespace}/${service}`)).toEqual([
      ...['default/stopped', 'default/web', 'team/web'],
    ])
    expect(all.rows[0]).toMatchObject({
      uptimeShare: null,
      uptimeShares: [null, null, null],
      cpuCores: [0.5, null, 0.5],
    })
    expect(all.rows[1]).toMatchObject({
      uptimeShare: 0.5,
      uptimeShares: [1, null, 0],
      restarts: 2,
      memoryBytes: [2048, null, 2048],
    })
    const team = await asked(later.overview('team', { sinceMs: NOW - 3 * hour, untilMs: NOW }))
    expect(team.rows).toHaveLength(1)
  })

  test('about failures join those that are alike, of this very service, and leave out ends that were asked for', async () => {
    const history = historyOf()
    const failed = (line: string, more: Partial<RunRow> = {}): RunRow => {
      runs += 1
      return {
        ...{ runId: String(runs), ...WEB, ordinal: 0, seq: runs, incarnation: 1, revision: 'r', exitCode: 1 },
        ...{ reason: 'Exited', startedAtMs: NOW, finishedAtMs: NOW + runs * 1000, lastLines: `first\n${line}` },
        ...more,
      }
    }
    let runs = 0
    for (const row of [
      failed('port 8001 is taken'),
      failed('no database', { exitCode: 2 }),
      failed('port 8002 is taken'),
      failed('port 1 is taken', { uid: 'before' }),
      failed('bye', { reason: 'SpecChanged', exitCode: 143, signal: 15 }),
      failed('long ago', { finishedAtMs: NOW - DAY_MS }),
    ])
      history.recordRun(row)
    await history.close()
    const later = historyOf()
    expect(await asked(later.failures(identity, NOW))).toMatchObject([
      {
        ...{ count: 2, exitCode: 1, line: 'port 8002 is taken' },
        ...{ firstSeen: new Date(NOW + 1000).toISOString(), lastSeen: new Date(NOW + 3000).toISOString() },
      },
      { count: 1, exitCode: 2, line: 'no database' },
    ])
    const ended = await asked(later.runs(identity, NOW, 2))
    expect(ended.map(({ seq, fingerprint }) => [seq, fingerprint === ''])).toEqual([
      [5, true],
      [3, false],
    ])
  })

  test('get no answer where the file cannot be read, and an empty one where it is gone', async () => {
    const lost = historyOf(path.join(dir, 'missing', 'history.db'))
    expect(await lost.samples(identity, { sinceMs: 0, untilMs: NOW })).toBeUndefined()
    expect(await lost.failures(identity, 0)).toBeUndefined()
    const history = historyOf()
    history.recordSamples(NOW, [sampleOf()])
    await asked(history.samples(identity, { sinceMs: NOW, untilMs: NOW + 1 }))
    for (const name of readdirSync(dir)) rmSync(path.join(dir, name), { recursive: true })
    expect((await asked(history.samples(identity, { sinceMs: NOW, untilMs: NOW + 1 }))).points).toEqual([])
  })
})

test('a file of an earlier orc gets what it lacks, and keeps what it has', () => {
  const earlier = new Database(file)
  earlier.exec(MIGRATIONS[0] ?? '')
  earlier.exec(`PRAGMA user_version = 1;
    INSERT INTO runs VALUES ('r1', 'default', 'web', 'u', 0, 1, 1, 'rev', 3, NULL, 'Exited', 1, ${String(NOW)}, 'boom')`)
  earlier.close()
  const history = new HistoryFile(file)
  expect(history.knownRuns(['r1'])).toEqual(['r1'])
  expect(history.runs.failures(WEB, 0)).toMatchObject([{ count: 1, exitCode: 3, line: 'boom' }])
  write(history, NOW, sampleOf())
  expect(points(history, 0, { sinceMs: NOW, untilMs: NOW + 1 })).toHaveLength(1)
  history.close()
})
