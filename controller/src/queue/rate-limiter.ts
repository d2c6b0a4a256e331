/** Says how long to wait before trying again after an error of our own; it knows nothing of an agent's exits. */
import type { Clock } from '../clock.ts'

/**
 * Each `delayMs` is one more failure of the key, so it is asked exactly once per failure. What it remembers of a key
 * stays until `forget`; whoever stops retrying a key, for good or bad, must forget it.
 */
export interface RateLimiter {
  /** Counts a failure of the key and returns the wait before its next try, in milliseconds. */
  delayMs(key: string): number
  /** The key succeeded or was given up: its next failure counts as the first. */
  forget(key: string): void
  /** How many failures have been counted since the key was last forgotten. */
  retries(key: string): number
}

/** `initialMs` after the first failure of a key, twice as much after each further one, at most `maxMs`. */
export class ExponentialLimiter implements RateLimiter {
  readonly #initialMs: number
  readonly #maxMs: number
  readonly #failures = new Map<string, number>()

  constructor({ initialMs = 5, maxMs = 1_000_000 }: { initialMs?: number; maxMs?: number } = {}) {
    this.#initialMs = initialMs
    this.#maxMs = maxMs
  }

  delayMs(key: string): number {
    const failures = this.retries(key)
    this.#failures.set(key, failures + 1)
    return Math.min(this.#initialMs * 2 ** failures, this.#maxMs)
  }

  forget(key: string): void {
    this.#failures.delete(key)
  }

  retries(key: string): number {
    return this.#failures.get(key) ?? 0
  }
}

/** All keys together: `burst` at once, then `perSecond`. A token is promised in advance, so waits queue up. */
export class TokenBucketLimiter implements RateLimiter {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #countedMs: number

  constructor(clock: Clock, { perSecond = 10, burst = 100 }: { perSecond?: number; burst?: number } = {}) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#countedMs = clock.nowMs()
  }

  delayMs(): number {
    const nowMs = this.#clock.nowMs()
    const grown = ((nowMs - this.#countedMs) / 1000) * this.#perSecond
    this.#countedMs = nowMs
    this.#tokens = Math.min(this.#tokens + grown, this.#burst) - 1
    return this.#tokens < 0 ? (-this.#tokens / this.#perSecond) * 1000 : 0
  }

  forget(): void {}

  retries(): number {
    return 0
  }
}

/** The longest wait of several limiters; each of them counts every failure. */
export class MaxOfLimiter implements RateLimiter {
  readonly #limiters: readonly RateLimiter[]

  constructor(limiters: readonly RateLimiter[]) {
    this.#limiters = limiters
  }

  delayMs(key: string): number {
    return Math.max(...this.#limiters.map((limiter) => limiter.delayMs(key)))
  }

  forget(key: string): void {
    for (const limiter of this.#limiters) limiter.forget(key)
  }

  retries(key: string): number {
    return Math.max(...this.#limiters.map((limiter) => limiter.retries(key)))
  }
}

/** What client-go gives a controller: 5 ms doubling to 1000 s for each key, 10 a second for all, 100 at once. */
export function defaultLimiter(clock: Clock): RateLimiter {
  return new MaxOfLimiter([new ExponentialLimiter(), new TokenBucketLimiter(clock)])
}
