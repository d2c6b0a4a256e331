/** A clock for tests, in which time passes only when the test says so. */
import type { Clock } from './clock.ts'

interface Timer {
  readonly dueMs: number
  readonly fire: () => void
}

/**
 * Both clocks move together, by `advance` alone. Timers fire inside `advance`, in the order of their time and then of
 * their creation, each at its own time; timers that are set meanwhile and fall due within the same advance fire too.
 */
export class FakeClock implements Clock {
  #nowMs: number
  #wallMs: number
  readonly #timers = new Set<Timer>()

  constructor({ nowMs = 1_000_000, wallMs = Date.UTC(2026, 0, 1) }: { nowMs?: number; wallMs?: number } = {}) {
    this.#nowMs = nowMs
    this.#wallMs = wallMs
  }

  /** How many timers are pending. */
  get timers(): number {
    return this.#timers.size
  }

  nowMs(): number {
    return this.#nowMs
  }

  wallMs(): number {
    return this.#wallMs
  }

  setTimer(delayMs: number, fire: () => void): () => void {
    const timer = { dueMs: this.#nowMs + Math.max(delayMs, 0), fire }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  advance(ms: number): void {
    const endMs = this.#nowMs + ms
    for (let timer = this.#next(endMs); timer !== undefined; timer = this.#next(endMs)) {
      this.#moveTo(timer.dueMs)
      this.#timers.delete(timer)
      timer.fire()
    }
    this.#moveTo(endMs)
  }

  /** Moves the wall clock alone, as a person or NTP does. */
  setWall(wallMs: number): void {
    this.#wallMs = wallMs
  }

  #next(endMs: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.dueMs <= endMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer
    }
    return next
  }

  #moveTo(nowMs: number): void {
    this.#wallMs += nowMs - this.#nowMs
    this.#nowMs = nowMs
  }
}
