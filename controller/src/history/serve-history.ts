/** The other end of history.ts: does what it is asked, one message after the other, and survives any state of the file. */
import { renameSync, statSync } from 'node:fs'
import type { KubeEvent } from '@orc/schemas'
import { HistoryFile, NewerVersionError, type Row } from './history-file.ts'

export type Request =
  | { readonly type: 'Write'; readonly rows: readonly Row[] }
  | { readonly type: 'Events'; readonly id: number; readonly sinceMs: number; readonly limit: number }
  | { readonly type: 'KnownRuns'; readonly id: number; readonly runIds: readonly string[] }
  | { readonly type: 'Close' }

export type Response =
  /** `lost` of the rows could not be written, because of `trouble`. */
  | { readonly type: 'Written'; readonly lost: number; readonly trouble?: string }
  | { readonly type: 'Answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'SetAside'; readonly as: string; readonly why: string }
  | { readonly type: 'Closed' }

export interface Answers {
  readonly Events: readonly KubeEvent[]
  readonly KnownRuns: readonly string[]
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
      case 'Events':
        this.#answer(request.id, [], (file) => file.events(request.sinceMs, request.limit))
        return
      case 'KnownRuns':
        this.#answer(request.id, [], (file) => file.knownRuns(request.runIds))
        return
      case 'Close':
        this.#close()
        this.#tell({ type: 'Closed' })
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

  #answer<T>(id: number, otherwise: T, look: (file: HistoryFile) => T): void {
    let value = otherwise
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

function isBeyondRepair(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return error instanceof NewerVersionError || (typeof code === 'string' && /^SQLITE_(CORRUPT|NOTADB)/.test(code))
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
