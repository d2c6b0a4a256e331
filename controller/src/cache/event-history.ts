/** Remembers the latest events of all kinds, a bounded number of them, and knows how far back it can tell. */
import { versionOf, type WatchEvent } from './watch-event.ts'

/** A ring, ordered by version: `push` costs O(1), `since` O(log n) and what it returns. */
export class EventHistory {
  readonly #ring: WatchEvent[] = []
  readonly #size: number
  /** Where the oldest event stands. */
  #start = 0
  #floor: number

  constructor(size: number, firstVersion: number) {
    this.#size = size
    this.#floor = firstVersion
  }

  /** Every event after this version is here. */
  get floor(): number {
    return this.#floor
  }

  push(event: WatchEvent): void {
    const oldest = this.#ring[this.#start]
    if (this.#ring.length < this.#size || oldest === undefined) {
      this.#ring.push(event)
      return
    }
    this.#floor = versionOf(oldest)
    this.#ring[this.#start] = event
    this.#start = (this.#start + 1) % this.#size
  }

  /** The events after the version, oldest first. The version must not be below the floor. */
  *since(version: number): Generator<WatchEvent> {
    let low = 0
    let high = this.#ring.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (versionOf(this.#at(middle)) > version) high = middle
      else low = middle + 1
    }
    for (let i = low; i < this.#ring.length; i++) yield this.#at(i)
  }

  #at(index: number): WatchEvent {
    return this.#ring[(this.#start + index) % this.#ring.length] as WatchEvent
  }
}
