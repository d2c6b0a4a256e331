/** The SQLite file of history: its tables, their versions and how much they keep. Blocks; for its thread alone. */
import Database from 'libsql'
import type { KubeEvent } from '@orc/schemas'
import type { MutationRow, RunRow, ServiceSample } from '../ports/history.ts'
import { fingerprintOf } from './fingerprint.ts'
import { MIGRATIONS } from './migrations.ts'
import { RunsFile } from './runs-file.ts'
import { SamplesFile } from './samples-file.ts'

export type Row =
  | { readonly type: 'Event'; readonly event: KubeEvent }
  | { readonly type: 'Run'; readonly run: RunRow }
  | { readonly type: 'Mutation'; readonly mutation: MutationRow }
  | { readonly type: 'Samples'; readonly atMs: number; readonly samples: readonly ServiceSample[] }

const DAY_MS = 24 * 3_600_000
/** Also stated in docs/operations.md. A service in a crash loop must not push out what is known of others. */
export const KEPT = {
  events: { days: 7, rows: 20_000 },
  runs: { days: 90, rows: 50_000, rowsPerService: 2000 },
  mutations: { days: 365, rows: 50_000 },
  /** Apart, so that refused attempts push out no mutation that took place. */
  refusals: { days: 90, rows: 10_000 },
} as const

/** The file was made by a later orc; this one does not know what it means. */
export class NewerVersionError extends Error {
  override readonly name = 'NewerVersionError'
}

export class HistoryFile {
  readonly #database: Database.Database
  readonly #writers: Readonly<Record<Row['type'], (row: Row) => void>>
  readonly samples: SamplesFile
  readonly runs: RunsFile

  /** Opens or makes the file and brings its tables up to date. Throws as SQLite does, and `NewerVersionError`. */
  constructor(file: string) {
    this.#database = new Database(file)
    try {
      this.#database.pragma('journal_mode = WAL')
      this.#database.pragma('busy_timeout = 1000')
      // KiB: little is read twice.
      this.#database.pragma('cache_size = -1024')
      this.#migrate()
      this.samples = new SamplesFile(this.#database)
      this.runs = new RunsFile(this.#database)
      this.#writers = this.#prepareWriters()
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** All rows or none. Mutations are on the disk when it returns; the rest may be lost with the power. */
  write(rows: readonly Row[]): void {
    const isAudited = rows.some(({ type }) => type === 'Mutation')
    this.#database.pragma(`synchronous = ${isAudited ? 'FULL' : 'NORMAL'}`)
    this.#inTransaction(() => {
      for (const row of rows) this.#writers[row.type](row)
    })
  }

  /** Those that happened last since then, the latest first. */
  events(sinceMs: number, limit: number): KubeEvent[] {
    const rows = this.#database
      .prepare('SELECT * FROM events WHERE last_ms >= ? ORDER BY last_ms DESC LIMIT ?')
      .all(sinceMs, limit)
    return rows.map((row) => eventOf(row as EventRecord))
  }

  /** Those of the runs that are remembered. */
  knownRuns(runIds: readonly string[]): string[] {
    const find = this.#database.prepare('SELECT 1 FROM runs WHERE run_id = ?')
    return runIds.filter((runId) => find.get(runId) !== undefined)
  }

  /** Forgets what is too old or too much. */
  prune(nowMs: number): void {
    const { events, runs, mutations, refusals } = KEPT
    const newest = (table: string, column: string, where: string, rows: number): string =>
      `DELETE FROM ${table} WHERE ${where} AND rowid NOT IN (SELECT rowid FROM ${table} WHERE ${where} ORDER BY ${column} DESC LIMIT ${String(rows)})`
    const older = (days: number): number => nowMs - days * DAY_MS
    this.#inTransaction(() => {
      const run = (sql: string, ...values: number[]): void => void this.#database.prepare(sql).run(...values)
      run('DELETE FROM events WHERE last_ms < ?', older(events.days))
      run(newest('events', 'last_ms', 'true', events.rows))
      run('DELETE FROM runs WHERE finished_ms < ?', older(runs.days))
      run(newest('runs', 'finished_ms', 'true', runs.rows))
      run(
        `DELETE FROM runs WHERE rowid IN (SELECT id FROM (SELECT rowid AS id, row_number() OVER (
           PARTITION BY namespace, service ORDER BY finished_ms DESC) AS place FROM runs) WHERE place > ?)`,
        runs.rowsPerService,
      )
      run('DELETE FROM mutations WHERE code < 400 AND at_ms < ?', older(mutations.days))
      run('DELETE FROM mutations WHERE code >= 400 AND at_ms < ?', older(refusals.days))
      run(newest('mutations', 'at_ms', 'code < 400', mutations.rows))
      run(newest('mutations', 'at_ms', 'code >= 400', refusals.rows))
      this.samples.prune(nowMs)
    })
  }

  /** libsql keeps the file open until the garbage is collected: what the log holds is moved into the file before. */
  close(): void {
    try {
      this.#database.pragma('wal_checkpoint(TRUNCATE)')
    } finally {
      this.#database.close()
    }
  }

  #migrate(): void {
    const [{ user_version: version }] = this.#database.pragma('user_version') as [{ user_version: number }]
    if (version > MIGRATIONS.length)
      throw new NewerVersionError(`it has version ${String(version)}, and this orc knows ${String(MIGRATIONS.length)}`)
    for (const [index, sql] of MIGRATIONS.entries()) {
      if (index < version) continue
      this.#inTransaction(() => {
        this.#database.exec(sql)
        this.#database.exec(`PRAGMA user_version = ${String(index + 1)}`)
      })
    }
  }

  #inTransaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#database.exec('COMMIT')
    } catch (error) {
      // After some errors, a full disk among them, SQLite has rolled back by itself.
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  #prepareWriters(): Readonly<Record<Row['type'], (row: Row) => void>> {
    const insert = (table: string, columns: readonly string[], conflict: string) =>
      this.#database.prepare(
        `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ${conflict}`,
      )
    const event = insert(
      'events',
      EVENT_COLUMNS,
      'ON CONFLICT DO UPDATE SET message = excluded.message, count = excluded.count, last_ms = excluded.last_ms',
    )
    const run = insert('runs', RUN_COLUMNS, 'ON CONFLICT DO NOTHING')
    const mutation = insert('mutations', MUTATION_COLUMNS, '')
    return {
      Event: (row) => row.type === 'Event' && event.run(...storable(eventValues(row.event))),
      Run: (row) => row.type === 'Run' && run.run(...storable(runValues(row.run))),
      Mutation: (row) => row.type === 'Mutation' && mutation.run(...storable(mutationValues(row.mutation))),
      Samples: (row) => {
        if (row.type === 'Samples') this.samples.write(row.atMs, row.samples)
      },
    }
  }
}

type Value = string | number | null

/** libsql ends a text at its first NUL. */
function storable(values: readonly Value[]): Value[] {
  return values.map((value) => (typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value))
}

const EVENT_COLUMNS = [
  ...['namespace', 'name', 'object_api_version', 'object_kind', 'object_namespace', 'object_name', 'object_uid'],
  ...['type', 'reason', 'message', 'count', 'first_ms', 'last_ms'],
]

interface EventRecord {
  readonly namespace: string
  readonly name: string
  readonly object_api_version: string
  readonly object_kind: string
  readonly object_namespace: string
  readonly object_name: string
  readonly object_uid: string
  readonly type: KubeEvent['type']
  readonly reason: KubeEvent['reason']
  readonly message: string
  readonly count: number
  readonly first_ms: number
  readonly last_ms: number
}

function eventValues({ metadata, involvedObject, ...event }: KubeEvent): Value[] {
  const { apiVersion, kind, namespace, name, uid } = involvedObject
  return [
    ...[metadata.namespace ?? 'default', metadata.name, apiVersion, kind, namespace, name, uid],
    ...[event.type, event.reason, event.message, event.count],
    ...[Date.parse(event.firstTimestamp), Date.parse(event.lastTimestamp)],
  ]
}

function eventOf(record: EventRecord): KubeEvent {
  const firstTimestamp = new Date(record.first_ms).toISOString()
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: record.name, namespace: record.namespace, creationTimestamp: firstTimestamp },
    involvedObject: {
      apiVersion: record.object_api_version,
      kind: record.object_kind,
      namespace: record.object_namespace,
      name: record.object_name,
      uid: record.object_uid,
    },
    type: record.type,
    reason: record.reason,
    message: record.message,
    source: { component: 'orc' },
    firstTimestamp,
    lastTimestamp: new Date(record.last_ms).toISOString(),
    count: record.count,
    reportingComponent: 'orc',
    reportingInstance: '',
  }
}

const RUN_COLUMNS = [
  ...['run_id', 'namespace', 'service', 'uid', 'ordinal', 'seq', 'incarnation', 'revision'],
  ...['exit_code', 'signal', 'reason', 'started_ms', 'finished_ms', 'last_lines', 'fingerprint'],
]

function runValues(run: RunRow): Value[] {
  return [
    ...[run.runId, run.namespace, run.service, run.uid, run.ordinal, run.seq, run.incarnation, run.revision],
    ...[run.exitCode, run.signal ?? null, run.reason, run.startedAtMs, run.finishedAtMs, run.lastLines ?? null],
    fingerprintOf(run),
  ]
}

const MUTATION_COLUMNS = [
  ...['at_ms', 'user', 'verb', 'kind', 'subresource', 'namespace', 'name', 'from_version', 'to_version'],
  ...['from_generation', 'to_generation', 'changed', 'code', 'reason'],
]

function mutationValues(row: MutationRow): Value[] {
  return [
    ...[row.atMs, row.user, row.verb, row.kind, row.subresource ?? null, row.namespace, row.name],
    ...[row.fromVersion ?? null, row.toVersion ?? null, row.fromGeneration ?? null, row.toGeneration ?? null],
    ...[JSON.stringify(row.changed), row.code, row.reason ?? null],
  ]
}
