/** Samples in a real file: what was written is there in every resolution, whatever clock and crash did meanwhile. */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import Database from 'libsql'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HistoryFile } from '../src/history/history-file.ts'
import { MIGRATIONS } from '../src/history/migrations.ts'
import { RESOLUTIONS } from '../src/history/resolutions.ts'
import type { SamplePoint } from '../src/history/samples-file.ts'
import type { ServiceSample } from '../src/ports/history.ts'

const WEB = { namespace: 'default', service: 'web', uid: 'u' }
const NOW = Date.UTC(2026, 5, 1)
const DAY_MS = 24 * 3_600_000

let dir: string
let file: string
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'orc-samples-'))
  file = path.join(dir, 'history.db')
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

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

test('a file of an earlier orc gets what it lacks, and keeps what it has', () => {
  const earlier = new Database(file)
  earlier.exec(MIGRATIONS[0] ?? '')
  earlier.exec(`PRAGMA user_version = 1;
    INSERT INTO runs VALUES ('r1', 'default', 'web', 'u', 0, 1, 1, 'rev', 3, NULL, 'Exited', 1, ${String(NOW)}, 'boom')`)
  earlier.close()
  const history = new HistoryFile(file)
  expect(history.knownRuns(['r1'])).toEqual(['r1'])
  write(history, NOW, sampleOf())
  expect(points(history, 0, { sinceMs: NOW, untilMs: NOW + 1 })).toHaveLength(1)
  history.close()
})
