/** One reader's view of the events: what it has not read yet, and when it is too far behind. */
import { Gone, versionOf, type WatchEvent } from './watch-event.ts'

/**
 * The events of a selection, in order, for one reader (`for await`, once). Leaving the loop or `close` ends it; the
 * events not read by then are dropped. It also ends when the reader falls too far behind: `gone` then says so.
 */
export interface Watch extends AsyncIterable<WatchEvent> {
  /** Harmless when it has ended already. */
  close(): void
  /** Set when the watch ended because it could not tell everything: the reader must list again. */
  readonly gone: Gone | undefined
  /** The reader has been given every event up to this version: what a bookmark may say. */
  readonly resourceVersion: string
}

export interface BacklogOptions {
  /** Events that are there already; they come on top of the bound. */
  readonly replay: readonly WatchEvent[]
  /** How many events may wait for the reader. */
  readonly maxPending: number
  /** Where the reader starts. */
  readonly version: number
  /** The latest version there is. */
  readonly latest: () => number
  /** Called once, at the end. */
  readonly onClose: () => void
}

/** A watch as the hub sees it: `push` never waits for the reader. */
export class Backlog implements Watch {
  #pending: WatchEvent[]
  /** How many of `#pending` have been read. */
  #read = 0
  #version: number
  #closed = false
  #gone: Gone | undefined
  #wake: (() => void) | undefined
  readonly #bound: number
  readonly #latest: () => number
  readonly #onClose: () => void

  constructor({ replay, maxPending, version, latest, onClose }: BacklogOptions) {
    this.#pending = [...replay]
    this.#bound = replay.length + maxPending
    this.#version = version
    this.#latest = latest
    this.#onClose = onClose
  }

  get gone(): Gone | undefined {
    return this.#gone
  }

  get resourceVersion(): string {
    const hasAll = !this.#closed && this.#pending.length === 0
    return String(hasAll ? this.#latest() : this.#version)
  }

  push(event: WatchEvent): void {
    if (this.#pending.length - this.#read >= this.#bound) {
      this.#gone = new Gone(String(this.#version))
      this.close()
      return
    }
    this.#pending.push(event)
    this.#wake?.()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#pending = []
    this.#onClose()
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent, void, void> {
    try {
      while (!this.#closed) {
        const event = this.#next()
        if (event === undefined) await new Promise<void>((resolve) => (this.#wake = resolve))
        else yield event
      }
    } finally {
      this.close()
    }
  }

  // What was read is cut off once it is half of the list: a constant cost on the whole, where `shift` copies the rest.
  #next(): WatchEvent | undefined {
    const event = this.#pending[this.#read]
    if (event === undefined) return undefined
    this.#version = versionOf(event)
    if (++this.#read * 2 >= this.#pending.length) {
      this.#pending = this.#pending.slice(this.#read)
      this.#read = 0
    }
    return event
  }
}
