/** Keeps `log.idx` of every live run up to a second behind its log. Costs one stat a run and second. */
import type { Clock } from '../../../clock.ts'
import type { Log } from '../../../log.ts'
import { LogIndex, noteGrowth, type LogEntry } from './log-index.ts'

const PERIOD_MS = 1000
/** Logs looked at between two turns of the event loop. */
const SLICE = 100

export class LogIndexer {
  readonly #clock: Clock
  readonly #log: Log
  readonly #liveLogs: () => readonly string[]
  readonly #newest = new Map<string, LogEntry | undefined>()
  #cancel: (() => void) | undefined
  #hasComplained = false

  /** `liveLogs`: paths of the logs that may grow. */
  constructor(clock: Clock, log: Log, liveLogs: () => readonly string[]) {
    this.#clock = clock
    this.#log = log
    this.#liveLogs = liveLogs
  }

  start(): void {
    this.#cancel = this.#clock.setTimer(PERIOD_MS, () => {
      void this.#sweep().finally(() => {
        if (this.#cancel !== undefined) this.start()
      })
    })
  }

  /** The last entry of a log that does not grow any more. */
  finish(logPath: string): void {
    this.#note(logPath)
    this.#newest.delete(logPath)
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  async #sweep(): Promise<void> {
    for (const [index, logPath] of this.#liveLogs().entries()) {
      if (index % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve))
      this.#note(logPath)
    }
  }

  #note(logPath: string): void {
    try {
      const known = this.#newest.has(logPath) ? this.#newest.get(logPath) : LogIndex.read(logPath).last
      this.#newest.set(logPath, noteGrowth(logPath, known))
    } catch (error) {
      // A full disk, say. Lines lose their times, nothing else; one word about it is enough.
      if (!this.#hasComplained) this.#log.warn(`the times of log lines cannot be written: ${String(error)}`)
      this.#hasComplained = true
    }
  }
}
