/** Bounds how many events an object may have: a burst, then one now and then. A token bucket per object. */
import type { Clock } from '../clock.ts'

/** A service in a crash loop at the default pace tells four events in 30 s: it stays below this for ever. */
const BURST = 25
const REFILL_MS = 5000

export class SpamFilter {
  readonly #clock: Clock
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  admits(uid: string): boolean {
    const nowMs = this.#clock.nowMs()
    const bucket = this.#buckets.get(uid) ?? { tokens: BURST, atMs: nowMs }
    const tokens = Math.min(BURST, bucket.tokens + (nowMs - bucket.atMs) / REFILL_MS)
    const isAdmitted = tokens >= 1
    this.#buckets.set(uid, { tokens: isAdmitted ? tokens - 1 : tokens, atMs: nowMs })
    return isAdmitted
  }

  /** Forgets objects that have rested. */
  sweep(): void {
    const fullMs = this.#clock.nowMs() - BURST * REFILL_MS
    for (const [uid, { atMs }] of this.#buckets) if (atMs <= fullMs) this.#buckets.delete(uid)
  }
}
