/** The other end of history.ts: does what it is asked, one message after the other, and survives any state of the file. */
import { renameSync, statSync } from 'node:fs'
import type { FailureGroup, KubeEvent } from '@orc/schemas'
import type { Overview, RememberedRun, SampleSeries, ServiceIdentity, Span } from '../ports/service-history.ts'
import { HistoryFile, NewerVersionError, type Row } from './history-file.ts'
import { overviewOf } from './overview.ts'
import { pointOf } from './points.ts'
import { choose, chooseForFleet } from './resolutions.ts'

export type Request =
  | { readonly type: 'Write'; readonly rows: readonly Row[] }
  | {
      [T in keyof Questions]: { readonly type: T; readonly id: number; readonly question: Questions[T] }
    }[keyof Questions]
  | { readonly type: 'Close' }

export type Response =
  /** `lost` of the rows could not be written, because of `trouble`. */
  | { readonly type: 'Written'; readonly lost: number; readonly trouble?: string }
  | { readonly type: 'Answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'SetAside'; readonly as: string; readonly why: string }
  | { readonly type: 'Closed' }

export interface Questions {
  readonly Events: { readonly sinceMs: number; readonly limit: number }
  readonly KnownRuns: { readonly runIds: readonly string[] }
  readonly Samples: { readonly service: ServiceIdentity; readonly span: Span; readonly nowMs: number }
  readonly Overview: { readonly namespace: string | undefined; readonly span: Span }
  readonly Runs: { readonly service: ServiceIdentity; readonly sinceMs: number; readonly limit: number }
  readonly Failures: { readonly service: ServiceIdentity; readonly sinceMs: number }
}

export interface Answers {
  readonly Events: readonly KubeEvent[]
  readonly KnownRuns: readonly string[]
  readonly Samples: SampleSeries
  readonly Overview: Overview
  readonly Runs: readonly RememberedRun[]
  readonly Failures: readonly FailureGroup[]
}

/** Either end of the line between the threads. */
export interface Port<In, Out> {
  postMessage(message: Out): void
  on(event: 'message', listener: (message: In) => void): unknown
}

const PRUNE_EVERY = { ms: 3_600_000, rows: 2000 } as const

export function serveHistory(port: Port<Request, Response>, path: string): void {
  const server = new Server(path, (response) => {
    port.postMessage(response)
  })
  port.on('message', (request) => {
    server.serve(request)
  })
}

class Server {
  readonly #path: string
  readonly #tell: (response: Response) => void
  #file: HistoryFile | undefined
  #inode: number | undefined
  #pruned = { atMs: -Infinity, rows: 0 }

  constructor(path: string, tell: (response: Response) => void) {
    this.#path = path
    this.#tell = tell
  }

  serve(request: Request): void {
    switch (request.type) {
      case 'Write':
        this.#tell(this.#write(request.rows))
        return
      case 'Close':
        this.#close()
        this.#tell({ type: 'Closed' })
        return
      default:
        this.#answer(request.id, (file) => answerOf(file, request))
    }
  }

  #write(rows: readonly Row[]): Response {
    try {
      this.#withFile((file) => {
        file.write(rows)
      })
    } catch (error) {
      return { type: 'Written', lost: rows.length, trouble: textOf(error) }
    }
    try {
      this.#prune(rows.length)
      return { type: 'Written', lost: 0 }
    } catch (error) {
      return { type: 'Written', lost: 0, trouble: textOf(error) }
    }
  }

  #prune(written: number): void {
    const nowMs = Date.now()
    const rows = this.#pruned.rows + written
    this.#pruned = { ...this.#pruned, rows }
    if (Math.abs(nowMs - this.#pruned.atMs) < PRUNE_EVERY.ms && rows < PRUNE_EVERY.rows) return
    this.#pruned = { atMs: nowMs, rows: 0 }
    this.#withFile((file) => {
      file.prune(nowMs)
    })
  }

  #answer(id: number, look: (file: HistoryFile) => unknown): void {
    let value: unknown
    try {
      value = this.#withFile(look)
    } catch {
      // Whoever asks goes on without; the next write tells what the trouble is.
    }
    this.#tell({ type: 'Answer', id, value })
  }

  /** A file that cannot be understood is moved out of the way, once, and the work is done on a new one. */
  #withFile<T>(work: (file: HistoryFile) => T): T {
    try {
      return work(this.#open())
    } catch (error) {
      if (!isBeyondRepair(error)) throw error
      this.#setAside(error)
      return work(this.#open())
    }
  }

  /** Also finds out that somebody has removed or replaced the file: rows written into the old one would be lost. */
  #open(): HistoryFile {
    const inode = statSync(this.#path, { throwIfNoEntry: false })?.ino
    if (this.#file !== undefined && inode === this.#inode) return this.#file
    this.#close()
    this.#file = new HistoryFile(this.#path)
    this.#inode = statSync(this.#path).ino
    return this.#file
  }

  #setAside(error: unknown): void {
    this.#close()
    const time = new Date().toISOString().replaceAll(':', '')
    const as = `${this.#path}.${error instanceof NewerVersionError ? 'newer' : 'corrupt'}-${time}`
    // The log belongs to the file: a program that repairs it needs both.
    for (const suffix of ['', '-wal', '-shm'])
      if (statSync(this.#path + suffix, { throwIfNoEntry: false }) !== undefined)
        renameSync(this.#path + suffix, as + suffix)
    this.#tell({ type: 'SetAside', as, why: textOf(error) })
  }

  #close(): void {
    const file = this.#file
    this.#file = undefined
    try {
      file?.close()
    } catch {
      // A broken file may fail to close; nobody needs it any more.
    }
  }
}

function answerOf(
  file: HistoryFile,
  { type, question }: Exclude<Request, { type: 'Write' | 'Close' }>,
): Answers[keyof Answers] {
  switch (type) {
    case 'Events':
      return file.events(question.sinceMs, question.limit)
    case 'KnownRuns':
      return file.knownRuns(question.runIds)
    case 'Samples':
      return seriesOf(file, question)
    case 'Overview':
      return overview(file, question)
    case 'Runs':
      return file.runs.of(question.service, question.sinceMs, question.limit)
    case 'Failures':
      return file.runs.failures(question.service, question.sinceMs)
  }
}

function seriesOf(file: HistoryFile, { service, span, nowMs }: Questions['Samples']): SampleSeries {
  const choice = choose(span, nowMs)
  return { stepMs: choice.stepMs, points: file.samples.ofService(service, { ...span, ...choice }).map(pointOf) }
}

function overview(file: HistoryFile, { namespace, span }: Questions['Overview']): Overview {
  const { resolution, stepMs } = chooseForFleet(span)
  const firstMs = Math.floor(span.sinceMs / stepMs) * stepMs
  const steps = { firstMs, stepMs, count: Math.ceil((span.untilMs - firstMs) / stepMs) }
  const rows = file.samples.ofFleet(namespace, { resolution, sinceMs: firstMs, untilMs: span.untilMs })
  return { sinceMs: firstMs, stepMs, rows: rows.map((row) => overviewOf(row, steps)) }
}

function isBeyondRepair(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return error instanceof NewerVersionError || (typeof code === 'string' && /^SQLITE_(CORRUPT|NOTADB)/.test(code))
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
