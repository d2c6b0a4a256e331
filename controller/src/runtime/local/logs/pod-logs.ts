/** Reads what a replica wrote, from the files of its run, and goes on across restarts. */
import type { LogRequest, PodLogs } from '../../../ports/pod-logs.ts'
import { LineFilter } from './line-filter.ts'
import { LineTimes } from './line-times.ts'
import { LogIndex } from './log-index.ts'
import { LogReader, type LogEnd, type Piece } from './log-reader.ts'

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
    const log = await this.#openWhenThere(request, run, signal)
    if (log === undefined) return
    try {
      // What is there now: the last lines of it, and where whoever does not follow ends, however fast more comes.
      const end = log.end()
      let next = await firstOffset(log, run, { ...part, end })
      const lines = new ShownLines(request, log, run)
      const until = request.follow ? Infinity : end.offset
      while (!signal.aborted) {
        // Asked before reading: what was written before the end is there when the end is seen.
        const ended = this.#hasEnded(request, run.seq)
        const piece = await log.readFrom(next)
        const { offset } = piece
        const bytes = piece.bytes.subarray(0, Math.max(0, until - offset))
        const isOver = bytes.length === 0 && (!request.follow || ended)
        const shown = lines.show({ offset, bytes }, isOver)
        if (shown.length > 0) yield shown
        if (isOver || lines.isOver) return
        if (bytes.length === 0) await pause(signal)
        next = offset + bytes.length
      }
    } finally {
      await log.close()
    }
  }

  /** A run that is being started has no log yet; one that ended without is passed over. */
  async #openWhenThere(request: LogRequest, run: LoggedRun, signal: AbortSignal): Promise<LogReader | undefined> {
    for (;;) {
      const ended = this.#hasEnded(request, run.seq)
      const log = await LogReader.open(run.logPath)
      if (log !== undefined || ended || !request.follow || signal.aborted) return log
      await pause(signal)
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
  log: LogReader,
  { logPath }: LoggedRun,
  { tailLines, sinceMs, end }: Pick<LogRequest, 'tailLines' | 'sinceMs'> & { readonly end: LogEnd },
): Promise<number> {
  const tail = tailLines === undefined ? 0 : await log.startOfTail(tailLines, end.offset)
  if (sinceMs === undefined) return tail
  if (end.writtenMs < sinceMs) return end.offset
  return Math.max(tail, await log.startOfLine(LogIndex.read(logPath).offsetSince(sinceMs)))
}

/** What of a log is shown, and how. */
class ShownLines {
  readonly #filter: LineFilter | undefined
  readonly #times: LineTimes | undefined

  constructor({ grep, level, untilMs, timestamps }: LogRequest, log: LogReader, run: LoggedRun) {
    const untilOffset = untilMs === undefined ? Infinity : offsetUntil(log, run, untilMs)
    if (grep !== undefined || level !== undefined || untilMs !== undefined)
      this.#filter = new LineFilter({
        ...(grep !== undefined && { grep }),
        ...(level !== undefined && { level }),
        untilOffset,
      })
    if (timestamps) this.#times = timesOf(log, run)
  }

  get isOver(): boolean {
    return this.#filter?.isOver ?? false
  }

  show(piece: Piece, isLast: boolean): Buffer {
    if (this.#filter === undefined) return this.#stamped(piece)
    const kept = [...this.#filter.push(piece), ...(isLast ? this.#filter.end() : [])]
    return Buffer.concat(kept.map((line) => this.#stamped(line)))
  }

  #stamped({ offset, bytes }: Piece): Buffer {
    return this.#times === undefined ? bytes : this.#times.stamp(bytes, offset)
  }
}

function offsetUntil(log: LogReader, { logPath }: LoggedRun, untilMs: number): number {
  return log.end().writtenMs <= untilMs ? Infinity : LogIndex.read(logPath).offsetUntil(untilMs)
}

/** What is younger than the index was written just now, or else by the last write. */
function timesOf(log: LogReader, { logPath, ended }: LoggedRun): LineTimes {
  const index = LogIndex.read(logPath)
  const { offset: size, writtenMs } = log.end()
  return new LineTimes((offset) => index.timeOf(offset) ?? (ended || offset < size ? writtenMs : Date.now()))
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
