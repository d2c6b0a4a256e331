/** Hands each key that needs work to one worker at a time and loses none; the semantics are those of client-go. */
import type { Clock } from '../clock.ts'
import { DelayHeap } from './delay-heap.ts'
import { Fifo } from './fifo.ts'
import { defaultLimiter, type RateLimiter } from './rate-limiter.ts'

/**
 * A queue of keys, never of objects: a worker reads afresh what the key stands for.
 *
 * - Fair: keys leave in the order in which they began to wait; no key can starve another.
 * - Stingy: however often a key is added before a worker takes it, it is worked on once.
 * - One at a time: a key that a worker holds is given to nobody else before `done`. If it is added meanwhile, it goes
 *   to the end of the queue at `done`; so every add is followed by a `get` of that key that begins after the add.
 * - Any number of producers and workers. Each key that `get` gave must be returned by `done`, also after a failure.
 * - Delays: a key waits for its earliest time only, and a delayed add is one more add when its time comes. An add at
 *   once does not cancel it. An add costs O(1), a delayed one O(log n), and one timer serves them all.
 * - Shut down: new and delayed keys are dropped; keys that were added before are still given out, then `get` answers
 *   undefined. Nothing here survives the process: whoever starts adds every key that exists.
 */
export class WorkQueue {
  readonly #clock: Clock
  readonly #limiter: RateLimiter

  /** The order of work. Its keys are dirty and not in processing. */
  readonly #queue = new Fifo<string>()
  /** The keys that need work. */
  readonly #dirty = new Set<string>()
  /** The keys that a worker holds. One that is dirty too goes back to the queue at `done`. */
  readonly #processing = new Set<string>()

  readonly #getters = new Fifo<(key: string | undefined) => void>()
  readonly #drained: (() => void)[] = []
  #shuttingDown = false

  readonly #delayed = new DelayHeap()
  #timer: { readonly dueMs: number; readonly cancel: () => void } | undefined

  constructor(clock: Clock, limiter: RateLimiter = defaultLimiter(clock)) {
    this.#clock = clock
    this.#limiter = limiter
  }

  /** How many keys wait for a worker now; delayed keys and those in work do not count. For people and metrics. */
  get length(): number {
    return this.#queue.length
  }

  add(key: string): void {
    if (this.#shuttingDown || this.#dirty.has(key)) return
    this.#dirty.add(key)
    if (!this.#processing.has(key)) this.#enqueue(key)
  }

  /** Adds the key when `delayMs` have passed, or at once if that is not above 0. */
  addAfter(key: string, delayMs: number): void {
    if (!(delayMs > 0)) return this.add(key)
    if (this.#shuttingDown) return
    this.#delayed.put(key, this.#clock.nowMs() + delayMs)
    this.#setTimer()
  }

  /** Counts a failure of the key and adds it after the wait that the limiter says. */
  addRateLimited(key: string): void {
    this.addAfter(key, this.#limiter.delayMs(key))
  }

  /** Clears the failures of a key that succeeded or was given up; whether it is queued does not change. */
  forget(key: string): void {
    this.#limiter.forget(key)
  }

  /** How many failures of the key have been counted since it was last forgotten. */
  retries(key: string): number {
    return this.#limiter.retries(key)
  }

  /** The next key, as soon as there is one; getters are served in their order. Undefined: stop working. */
  get(): Promise<string | undefined> {
    const key = this.#queue.shift()
    if (key !== undefined) return Promise.resolve(this.#begin(key))
    if (this.#shuttingDown) return Promise.resolve(undefined)
    return new Promise((resolve) => this.#getters.push(resolve))
  }

  /** Gives back a key that `get` gave; for any other key it does nothing. */
  done(key: string): void {
    if (!this.#processing.delete(key)) return
    if (this.#dirty.has(key)) this.#enqueue(key)
    else this.#settleDrain()
  }

  /** Stops at once: nobody waits for keys in work, not even an earlier `shutDownWithDrain`. */
  shutDown(): void {
    this.#close()
    for (const resolve of this.#drained.splice(0)) resolve()
  }

  /** Resolves when every key that was added has been worked on and returned, or when `shutDown` is called. */
  shutDownWithDrain(): Promise<void> {
    this.#close()
    return new Promise((resolve) => {
      this.#drained.push(resolve)
      this.#settleDrain()
    })
  }

  #enqueue(key: string): void {
    const getter = this.#getters.shift()
    if (getter === undefined) this.#queue.push(key)
    else getter(this.#begin(key))
  }

  #begin(key: string): string {
    this.#processing.add(key)
    this.#dirty.delete(key)
    return key
  }

  #close(): void {
    this.#shuttingDown = true
    this.#delayed.clear()
    this.#setTimer()
    for (let getter = this.#getters.shift(); getter !== undefined; getter = this.#getters.shift()) getter(undefined)
  }

  #settleDrain(): void {
    if (this.#dirty.size > 0 || this.#processing.size > 0) return
    for (const resolve of this.#drained.splice(0)) resolve()
  }

  #setTimer(): void {
    const dueMs = this.#delayed.dueMs
    if (dueMs === this.#timer?.dueMs) return
    this.#timer?.cancel()
    this.#timer = undefined
    if (dueMs === undefined) return
    const cancel = this.#clock.setTimer(dueMs - this.#clock.nowMs(), () => this.#addDue())
    this.#timer = { dueMs, cancel }
  }

  #addDue(): void {
    this.#timer = undefined
    const nowMs = this.#clock.nowMs()
    for (let key = this.#delayed.take(nowMs); key !== undefined; key = this.#delayed.take(nowMs)) this.add(key)
    this.#setTimer()
  }
}
