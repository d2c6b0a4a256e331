/** The samples in the file of history: one wide row per moment and service, in each resolution. Blocks, as the file. */
import type Database from 'libsql'
import type { ServiceSample } from '../ports/history.ts'
import type { ServiceIdentity } from '../ports/service-history.ts'
import { RESOLUTIONS, type Choice, type Resolution } from './resolutions.ts'

/** A row of a table of samples, and what rows of it are when they are joined; see migrations.ts. */
export interface SampleSums {
  readonly n: number
  readonly wanted_sum: number
  readonly ready_sum: number
  readonly ready_min: number
  readonly restarts: number
  readonly usage_n: number
  readonly cpu_sum: number
  readonly cpu_max: number
  readonly memory_sum: number
  readonly memory_max: number
  readonly processes_sum: number
  readonly processes_max: number
  readonly probe_n: number
  readonly probe_sum: number
  readonly probe_max: number
}

export interface SamplePoint extends SampleSums {
  readonly at_ms: number
}

type Column = keyof SampleSums

/** How two values of a column become one. */
const JOINED = {
  ...{ n: 'sum', wanted_sum: 'sum', ready_sum: 'sum', ready_min: 'min', restarts: 'sum' },
  ...{ usage_n: 'sum', cpu_sum: 'sum', cpu_max: 'max', memory_sum: 'sum', memory_max: 'max' },
  ...{ processes_sum: 'sum', processes_max: 'max', probe_n: 'sum', probe_sum: 'sum', probe_max: 'max' },
} as const satisfies Readonly<Record<Column, 'sum' | 'min' | 'max'>>
const COLUMNS = Object.keys(JOINED) as Column[]

const DAY_MS = 24 * 3_600_000
/** So many moments of a resolution are removed at once: after a long rest the oldest ones go little by little. */
const MOST_FORGOTTEN = 50
/** A service is known for as long as a sample of it can be. */
const SERVICE_KEPT_MS = Math.max(...RESOLUTIONS.map(({ keptMs }) => keptMs)) + DAY_MS

interface KnownService {
  readonly id: number
  readonly lastMs: number
}

export class SamplesFile {
  readonly #database: Database.Database
  readonly #add: readonly { readonly periodMs: number; readonly statement: Database.Statement }[]
  readonly #known = new Map<string, KnownService>()

  constructor(database: Database.Database) {
    this.#database = database
    this.#add = RESOLUTIONS.map(({ table, periodMs }) => ({ periodMs, statement: database.prepare(addingTo(table)) }))
  }

  /**
   * Adds the samples to the rows of their time in every resolution, within the transaction of whoever calls: nothing
   * is kept in between, so whatever is cut off is whole, and a clock that goes back joins what is there.
   */
  write(atMs: number, samples: readonly ServiceSample[]): void {
    const rows = samples
      .map((sample) => ({ id: this.#idOf(sample, atMs), values: valuesOf(sample) }))
      .toSorted((a, b) => a.id - b.id)
    for (const { periodMs, statement } of this.#add) {
      const beginMs = Math.floor(atMs / periodMs) * periodMs
      for (const { id, values } of rows) statement.run(beginMs, id, ...values)
    }
    for (const resolution of RESOLUTIONS) this.#forget(resolution, atMs)
  }

  /** Forgets the names of services that no sample is left of. */
  prune(nowMs: number): void {
    this.#known.clear()
    this.#database.prepare('DELETE FROM sampled_services WHERE last_ms < ?').run(nowMs - SERVICE_KEPT_MS)
  }

  /** A point where there are samples, none where there are none; in the order of time. */
  ofService(service: ServiceIdentity, range: Range): SamplePoint[] {
    const id = this.#find(service)?.id
    if (id === undefined) return []
    const { resolution, stepMs, sinceMs, untilMs } = range
    const { table, periodMs } = resolution
    // Each time of the grid is looked up: a row of one service among all of them is found faster than filtered.
    // libsql binds numbers as REAL, and a division by one does not round.
    const sql = `WITH RECURSIVE grid (t) AS (SELECT CAST(? AS INTEGER) UNION ALL SELECT t + CAST(? AS INTEGER) FROM grid WHERE t + ? < ?)
      SELECT t / CAST(? AS INTEGER) * CAST(? AS INTEGER) AS at_ms, ${COLUMNS.map((column) => `${JOINED[column]}(${column}) AS ${column}`).join(', ')}
      FROM grid CROSS JOIN ${table} AS s ON s.at_ms = t AND s.service_id = ? GROUP BY 1 ORDER BY 1`
    const firstMs = Math.floor(sinceMs / stepMs) * stepMs
    return this.#database
      .prepare(sql)
      .all(firstMs, periodMs, periodMs, untilMs, stepMs, stepMs, id) as unknown as SamplePoint[]
  }

  /** Of all services, or those of a namespace: each row as it is, the services in the order of their names. */
  ofFleet(namespace: string | undefined, { resolution, sinceMs, untilMs }: Omit<Range, 'stepMs'>): FleetRow[] {
    const firstMs = Math.floor(sinceMs / resolution.periodMs) * resolution.periodMs
    const services = this.#database
      .prepare(
        `SELECT id, namespace, name AS service, uid FROM sampled_services WHERE last_ms >= ? - ? ${namespace === undefined ? '' : 'AND namespace = ?'}
         ORDER BY namespace, name, last_ms DESC`,
      )
      .all(...[firstMs, DAY_MS], ...(namespace === undefined ? [] : [namespace])) as unknown as (ServiceIdentity & {
      readonly id: number
    })[]
    const rows = new Map(services.map((service) => [service.id, { service, rows: [] as FleetRow['rows'][number][] }]))
    const all = this.#database
      .prepare(
        `SELECT service_id, at_ms, wanted_sum, ready_sum, restarts, usage_n, cpu_sum, memory_sum
         FROM ${resolution.table} WHERE at_ms >= ? AND at_ms < ?`,
      )
      .raw()
      .all(firstMs, untilMs) as unknown as [number, ...FleetRow['rows'][number]][]
    for (const [id, ...row] of all) rows.get(id)?.rows.push(row)
    return [...rows.values()].filter((each) => each.rows.length > 0)
  }

  #forget({ table, periodMs, keptMs }: Resolution, nowMs: number): void {
    const [{ oldest }] = this.#database.prepare(`SELECT min(at_ms) AS oldest FROM ${table}`).all() as [
      { oldest: number | null },
    ]
    if (oldest === null || oldest >= nowMs - keptMs) return
    this.#database
      .prepare(`DELETE FROM ${table} WHERE at_ms < ?`)
      .run(Math.min(nowMs - keptMs, oldest + MOST_FORGOTTEN * periodMs))
  }

  #idOf(sample: ServiceSample, atMs: number): number {
    const { namespace, service, uid } = sample
    const key = `${namespace}/${service}/${uid}`
    const known = this.#known.get(key) ?? this.#find(sample)
    // Once a day is enough to tell who is still there.
    if (known !== undefined && Math.abs(atMs - known.lastMs) < DAY_MS) {
      this.#known.set(key, known)
      return known.id
    }
    this.#database
      .prepare(
        `INSERT INTO sampled_services (namespace, name, uid, last_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET last_ms = excluded.last_ms`,
      )
      .run(namespace, service, uid, atMs)
    const id = this.#find(sample)?.id ?? 0
    this.#known.set(key, { id, lastMs: atMs })
    return id
  }

  #find({ namespace, service, uid }: ServiceIdentity): KnownService | undefined {
    return this.#database
      .prepare('SELECT id, last_ms AS lastMs FROM sampled_services WHERE namespace = ? AND name = ? AND uid = ?')
      .get(namespace, service, uid) as KnownService | undefined
  }
}

export interface FleetRow {
  readonly service: ServiceIdentity
  /** In the order of time. */
  readonly rows: readonly (readonly [
    atMs: number,
    wanted: number,
    ready: number,
    restarts: number,
    known: number,
    cpu: number,
    memory: number,
  ])[]
}

export interface Range extends Choice {
  readonly sinceMs: number
  readonly untilMs: number
}

function addingTo(table: string): string {
  const joined = COLUMNS.map((column) => {
    const how = JOINED[column]
    return how === 'sum'
      ? `${column} = ${column} + excluded.${column}`
      : `${column} = ${how}(${column}, excluded.${column})`
  })
  return `INSERT INTO ${table} (at_ms, service_id, ${COLUMNS.join(', ')}) VALUES (?, ?${', ?'.repeat(COLUMNS.length)})
    ON CONFLICT DO UPDATE SET ${joined.join(', ')}`
}

function valuesOf({ wantedReplicas, readyReplicas, restarts, usage, answers }: ServiceSample): number[] {
  const cpu = Math.round((usage?.cpuCores ?? 0) * 1e6)
  const memory = Math.round((usage?.memoryBytes ?? 0) / 1024)
  const processes = usage?.processes ?? 0
  const probe = { n: answers?.count ?? 0, sum: micros(answers?.totalMs), max: micros(answers?.longestMs) }
  return [
    ...[1, wantedReplicas, readyReplicas, readyReplicas, restarts],
    ...[usage === undefined ? 0 : 1, cpu, cpu, memory, memory, processes, processes],
    ...[probe.n, probe.sum, probe.max],
  ]
}

function micros(ms = 0): number {
  return Math.round(ms * 1000)
}
