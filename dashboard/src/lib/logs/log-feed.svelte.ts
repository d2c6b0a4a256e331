/** The lines of some logs as they come, kept within bounds; what draws them is told a few times a second. */
import type { Pod } from '@orc/schemas'
import { LineStore, type LogLine } from './line-store.ts'
import { LogReader, type LogReaderOptions } from './log-reader.ts'

/** What the page keeps; the oldest go. While somebody reads in peace, twice as much, so that nothing moves. */
export const MOST = { lines: 1_000_000, characters: 256 * 1024 * 1024 } as const

/** Lines are shown this often, so that a flood costs no more than one drawing each time. */
const FLUSH_MS = 33
/** When so many wait, who reads waits too. */
const MOST_WAITING = 20_000

export class LogFeed {
  readonly store = new LineStore()
  readonly #reader: LogReader
  #waiting: (readonly LogLine[])[] = []
  #waitingLines = 0
  #flushed: Promise<void> | undefined
  #isStopped = false
  #version = $state(0)
  #problems = $state.raw<readonly string[]>([])
  /** Whether somebody reads and nothing may move. */
  isPaused = false

  constructor(options: LogReaderOptions) {
    this.#reader = new LogReader(options, {
      push: (lines) => this.#push(lines),
      fail: (problem) => (this.#problems = [...this.#problems, problem]),
    })
  }

  /** Changes whenever the store does. */
  get version(): number {
    return this.#version
  }

  /** Why replicas cannot be read. */
  get problems(): readonly string[] {
    return this.#problems
  }

  /** How many lines have come so far. */
  get arrived(): number {
    return this.store.size + this.store.dropped
  }

  /** Begins with replicas that are new. */
  show(pods: readonly Pod[]): void {
    this.#reader.show(pods)
  }

  stop(): void {
    this.#isStopped = true
    this.#reader.stop()
  }

  async #push(lines: readonly LogLine[]): Promise<void> {
    this.#waiting.push(lines)
    this.#waitingLines += lines.length
    this.#flushed ??= new Promise((resolve) => {
      setTimeout(() => {
        this.#flush()
        resolve()
      }, FLUSH_MS)
    })
    if (this.#waitingLines > MOST_WAITING) await this.#flushed
  }

  #flush(): void {
    this.#flushed = undefined
    if (this.#isStopped) return
    this.store.add(this.#waiting.flat())
    this.#waiting = []
    this.#waitingLines = 0
    const factor = this.isPaused ? 2 : 1
    this.store.trim({ lines: MOST.lines * factor, characters: MOST.characters * factor })
    this.#version += 1
  }
}
