/** How long answers took, since somebody asked last. */

export interface Times {
  readonly count: number
  readonly totalMs: number
  readonly longestMs: number
}

export class Stopwatch {
  #times: Times = NONE

  note(tookMs: number): void {
    this.#times = sumOf([this.#times, { count: 1, totalMs: tookMs, longestMs: tookMs }])
  }

  /** What came since the last time; begins anew. */
  take(): Times {
    const times = this.#times
    this.#times = NONE
    return times
  }
}

const NONE: Times = { count: 0, totalMs: 0, longestMs: 0 }

export function sumOf(all: readonly Times[]): Times {
  return all.reduce(
    (sum, { count, totalMs, longestMs }) => ({
      count: sum.count + count,
      totalMs: sum.totalMs + totalMs,
      longestMs: Math.max(sum.longestMs, longestMs),
    }),
    NONE,
  )
}
