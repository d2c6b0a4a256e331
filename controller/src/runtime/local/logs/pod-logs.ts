/** Reads what a replica wrote, from the file of its run, and goes on across restarts. */
import type { FileHandle } from 'node:fs/promises'
import type { LogRequest, PodLogs } from '../../../ports/pod-logs.ts'
import { LineTimes } from './line-times.ts'
import { openLog, readPiece, startOfLine, startOfTail } from './log-file.ts'
import { LogIndex } from './log-index.ts'

export interface LoggedRun {
  readonly seq: number
  readonly logPath: string
  readonly ended: boolean
}

/** The runs of a replica, oldest first. */
export type FindRuns = (replica: {
  readonly namespace: string
  readonly service: string
  readonly ordinal: number
}) => readonly LoggedRun[]

/** Log files are looked at so often while somebody follows. */
const FOLLOW_MS = 100

export class LocalPodLogs implements PodLogs {
  readonly #findRuns: FindRuns

  constructor(findRuns: FindRuns) {
    this.#findRuns = findRuns
  }

  // Async because other runtimes must ask somebody.
  open(request: LogRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined> {
    const run = this.#findRuns(request).at(request.previous ? -2 : -1)
    if (run === undefined) return Promise.resolve(undefined)
    const pieces = this.#read(request, run, signal)
    return Promise.resolve(request.limitBytes === undefined ? pieces : atMost(request.limitBytes, pieces))
  }

  async *#read(request: LogRequest, first: LoggedRun, signal: AbortSignal): AsyncGenerator<Buffer> {
    let run: LoggedRun | undefined = first
    while (run !== undefined && !signal.aborted) {
      // What a later run writes is new, all of it.
      yield* this.#readRun(request, run, run === first ? request : {}, signal)
      if (!request.follow || signal.aborted) return
      run = await this.#nextRun(request, run.seq, signal)
    }
  }

  async *#readRun(
    request: LogRequest,
    run: LoggedRun,
    part: Pick<LogRequest, 'tailLines' | 'sinceMs'>,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer> {
    const file = await openLog(run.logPath)
    if (file === undefined) return
    try {
      let offset = await firstOffset(file, run, part)
      const times = request.timestamps ? await timesOf(file, run) : undefined
      while (!signal.aborted) {
        // Asked before reading: what was written before the end is there when the end is seen.
        const ended = this.#hasEnded(request, run.seq)
        const piece = await readPiece(file, offset)
        if (piece.length > 0) yield times === undefined ? piece : times.stamp(piece, offset)
        else if (!request.follow || ended) return
        else await pause(signal)
        offset += piece.length
      }
    } finally {
      await file.close()
    }
  }

  #hasEnded(request: LogRequest, seq: number): boolean {
    return this.#findRuns(request).find((run) => run.seq === seq)?.ended ?? true
  }

  /** Waits for the next start; ends when the replica is no more. */
  async #nextRun(request: LogRequest, seq: number, signal: AbortSignal): Promise<LoggedRun | undefined> {
    while (!signal.aborted) {
      const runs = this.#findRuns(request)
      const next = runs.find((run) => run.seq > seq)
      if (next !== undefined || runs.length === 0) return next
      await pause(signal)
    }
    return undefined
  }
}

async function firstOffset(
  file: FileHandle,
  { logPath }: LoggedRun,
  { tailLines, sinceMs }: Pick<LogRequest, 'tailLines' | 'sinceMs'>,
): Promise<number> {
  const { size, mtimeMs } = await file.stat()
  const tail = tailLines === undefined ? 0 : await startOfTail(file, size, tailLines)
  if (sinceMs === undefined) return tail
  if (mtimeMs < sinceMs) return size
  return Math.max(tail, await startOfLine(file, LogIndex.read(logPath).offsetSince(sinceMs)))
}

/** What is younger than the index was written just now, or else by the last write. */
async function timesOf(file: FileHandle, { logPath, ended }: LoggedRun): Promise<LineTimes> {
  const index = LogIndex.read(logPath)
  const { size, mtimeMs } = await file.stat()
  return new LineTimes((offset) => index.timeOf(offset) ?? (ended || offset < size ? mtimeMs : Date.now()))
}

async function* atMost(limit: number, pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let left = limit
  for await (const piece of pieces) {
    if (left > 0) yield piece.subarray(0, left)
    left -= piece.length
    if (left <= 0) return
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, FOLLOW_MS)
    signal.addEventListener('abort', done)
  })
}
