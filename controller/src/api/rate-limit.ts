/** Lets so many through in any stretch of time, no matter from whom. */
import type { Clock } from '../clock.ts'

export interface RateLimitOptions {
  readonly clock: Clock
  readonly most: number
  readonly periodMs: number
}

export class RateLimit {
  readonly #options: RateLimitOptions
  #takenMs: number[] = []

  constructor(options: RateLimitOptions) {
    this.#options = options
  }

  /** 0 = go on; else the time in ms after which there is room again. */
  take(): number {
    const { clock, most, periodMs } = this.#options
    const nowMs = clock.nowMs()
    this.#takenMs = this.#takenMs.filter((takenMs) => takenMs > nowMs - periodMs)
    const [oldestMs] = this.#takenMs
    if (this.#takenMs.length >= most && oldestMs !== undefined) return oldestMs + periodMs - nowMs
    this.#takenMs.push(nowMs)
    return 0
  }
}
