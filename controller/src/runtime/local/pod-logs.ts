/** Reads what a replica wrote, from the file of its run, and goes on across restarts. */
import { open, type FileHandle } from 'node:fs/promises'
import type { LogRequest, PodLogs } from '../../ports/pod-logs.ts'

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
const PIECE = 64 * 1024
/** Searched backwards for the last lines; longer ones are cut. */
const TAIL_LIMIT = 16 * 1024 * 1024

export class LocalPodLogs implements PodLogs {
  readonly #findRuns: FindRuns

  constructor(findRuns: FindRuns) {
    this.#findRuns = findRuns
  }

  // Async because other runtimes must ask somebody.
  open(request: LogRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined> {
    const run = this.#findRuns(request).at(request.previous ? -2 : -1)
    return Promise.resolve(run === undefined ? undefined : this.#read(request, run, signal))
  }

  async *#read(request: LogRequest, first: LoggedRun, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    let run: LoggedRun | undefined = first
    let tailLines = request.tailLines
    while (run !== undefined && !signal.aborted) {
      yield* this.#readRun(request, run, tailLines, signal)
      if (!request.follow || signal.aborted) return
      const { seq } = run
      run = await this.#nextRun(request, seq, signal)
      tailLines = undefined
    }
  }

  async *#readRun(
    request: LogRequest,
    run: LoggedRun,
    tailLines: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const file = await openWhenThere(run.logPath)
    if (file === undefined) return
    try {
      const { size } = await file.stat()
      let offset = tailLines === undefined ? 0 : await offsetOfLastLines(file, size, tailLines)
      while (!signal.aborted) {
        // Asked before reading: what was written before the end is there when the end is seen.
        const ended = this.#hasEnded(request, run.seq)
        const buffer = Buffer.alloc(PIECE)
        const { bytesRead } = await file.read(buffer, 0, PIECE, offset)
        offset += bytesRead
        if (bytesRead > 0) yield buffer.subarray(0, bytesRead)
        else if (!request.follow || ended) return
        else await pause(signal)
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

/** A run that is being started has no log yet: it has written nothing. */
async function openWhenThere(file: string): Promise<FileHandle | undefined> {
  return open(file, 'r').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  })
}

async function offsetOfLastLines(file: FileHandle, size: number, lines: number): Promise<number> {
  if (lines === 0) return size
  let found = 0
  let end = size
  while (end > 0 && size - end < TAIL_LIMIT) {
    const start = Math.max(0, end - PIECE)
    const buffer = Buffer.alloc(end - start)
    await file.read(buffer, 0, buffer.length, start)
    for (let index = buffer.length - 1; index >= 0; index -= 1) {
      // The line end at the very end of the file closes the last line; it begins none.
      if (buffer[index] !== 0x0a || start + index === size - 1) continue
      found += 1
      if (found === lines) return start + index + 1
    }
    end = start
  }
  return end
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
