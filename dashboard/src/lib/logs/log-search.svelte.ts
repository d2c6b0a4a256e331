/** Looks for words in a feed of lines, in small slices so that nothing waits for it. */
import type { LogFeed } from './log-feed.svelte.ts'
import { LineSearch } from './search.ts'

const SLICE_MS = 6

export class LogSearchRun {
  readonly #feed: LogFeed
  readonly #search: LineSearch
  #timer: ReturnType<typeof setTimeout> | undefined
  #count = $state(0)

  constructor(feed: LogFeed, query: string) {
    this.#feed = feed
    this.#search = new LineSearch(query)
  }

  /** Of the lines that were searched so far. */
  get count(): number {
    return this.#count
  }

  /** Goes on with what was not searched yet. */
  advance(): void {
    this.stop()
    const untilMs = performance.now() + SLICE_MS
    const isDone = this.#search.advance(this.#feed.store, () => performance.now() > untilMs)
    this.#count = this.#search.count(this.#feed.store)
    if (!isDone) this.#timer = setTimeout(() => this.advance())
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  ordinalOf(index: number): number {
    return Math.min(this.#count, this.#search.ordinalOf(this.#feed.store, index))
  }

  next(from: number, step: 1 | -1): number | undefined {
    return this.#search.next(this.#feed.store, from, step)
  }
}
