/** The one clock of the page: a time that changes each second where it counts down, each minute elsewhere. */
import { createSubscriber } from 'svelte/reactivity'

const SECOND = 1000
const MINUTE = 60 * SECOND

class Clock {
  readonly #everySecond = every(SECOND)
  readonly #everyMinute = every(MINUTE)

  /** Whoever reads it in a component is drawn anew each second. */
  nowMs(): number {
    this.#everySecond()
    return Date.now()
  }

  /** For what shows times of days: it changes each minute. */
  thisMinuteMs(): number {
    this.#everyMinute()
    return Date.now()
  }

  /** How long ago that was: by the second while it is less than a minute ago, then by the minute. */
  ageMs(sinceMs: number): number {
    this.#everyMinute()
    const age = Date.now() - sinceMs
    if (age < MINUTE) this.#everySecond()
    return Math.max(0, age)
  }
}

/** One timer however many look, and none when nobody does. */
function every(periodMs: number): () => void {
  return createSubscriber((update) => {
    const timer = setInterval(update, periodMs)
    return () => clearInterval(timer)
  })
}

export const clock = new Clock()
