/** What the file of history says about the runs of one service that ended. Blocks, as the file. */
import type { FailureGroup, Reason } from '@orc/schemas'
import type Database from 'libsql'
import type { RememberedRun, ServiceIdentity } from '../ports/service-history.ts'
import { fingerprintOf, tellingLine } from './fingerprint.ts'

interface RunRecord {
  readonly run_id: string
  readonly ordinal: number
  readonly seq: number
  readonly incarnation: number
  readonly revision: string
  readonly exit_code: number
  readonly signal: number | null
  readonly reason: Reason
  readonly started_ms: number
  readonly finished_ms: number
  readonly last_lines: string | null
  /** NULL in rows of an earlier orc: it is found out when somebody asks. */
  readonly fingerprint: string | null
}

interface Group {
  readonly latest: RunRecord
  count: number
  firstMs: number
}

export class RunsFile {
  readonly #database: Database.Database

  constructor(database: Database.Database) {
    this.#database = database
  }

  of(service: ServiceIdentity, sinceMs: number, limit: number): RememberedRun[] {
    return this.#records(service, sinceMs, limit).map((record) => runOf(service, record))
  }

  failures(service: ServiceIdentity, sinceMs: number): FailureGroup[] {
    const groups = new Map<string, Group>()
    for (const record of this.#records(service, sinceMs, -1)) {
      const fingerprint = fingerprintIn(record)
      const group = groups.get(fingerprint)
      if (fingerprint === '') continue
      if (group === undefined) groups.set(fingerprint, { latest: record, count: 1, firstMs: record.finished_ms })
      else {
        group.count += 1
        group.firstMs = record.finished_ms
      }
    }
    return [...groups].map(([fingerprint, group]) => groupOf(fingerprint, group))
  }

  #records({ namespace, service, uid }: ServiceIdentity, sinceMs: number, limit: number): RunRecord[] {
    return this.#database
      .prepare(
        `SELECT * FROM runs WHERE namespace = ? AND service = ? AND finished_ms >= ? AND uid = ?
         ORDER BY finished_ms DESC LIMIT ?`,
      )
      .all(namespace, service, sinceMs, uid, limit) as unknown as RunRecord[]
  }
}

function fingerprintIn({ fingerprint, exit_code, signal, reason, last_lines }: RunRecord): string {
  const lastLines = last_lines ?? undefined
  return fingerprint ?? fingerprintOf({ exitCode: exit_code, signal: signal ?? undefined, reason, lastLines })
}

function groupOf(fingerprint: string, { latest, count, firstMs }: Group): FailureGroup {
  const line = tellingLine(latest.last_lines ?? undefined)
  return {
    fingerprint,
    count,
    exitCode: latest.exit_code,
    ...(latest.signal !== null && { signal: latest.signal }),
    reason: latest.reason,
    firstSeen: new Date(firstMs).toISOString(),
    lastSeen: new Date(latest.finished_ms).toISOString(),
    ...(line !== '' && { line }),
  }
}

function runOf({ namespace, service, uid }: ServiceIdentity, record: RunRecord): RememberedRun {
  const { ordinal, seq, incarnation, revision, reason, signal, last_lines: lastLines } = record
  return {
    ...{ runId: record.run_id, namespace, service, uid, ordinal, seq, incarnation, revision },
    exitCode: record.exit_code,
    ...(signal !== null && { signal }),
    reason,
    ...{ startedAtMs: record.started_ms, finishedAtMs: record.finished_ms },
    ...(lastLines !== null && { lastLines }),
    fingerprint: fingerprintIn(record),
  }
}
