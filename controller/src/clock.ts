/** The only source of time: whoever needs time takes a `Clock`, so that tests decide when it passes. */
import os from 'node:os'

export interface Clock {
  /** Milliseconds since the host booted, including suspend; never goes back. For durations. */
  nowMs(): number

  /** Wall clock, milliseconds since the epoch; may jump either way. For people. */
  wallMs(): number

  /**
   * Calls `fire` once, in a later turn, when `nowMs()` has reached its value of now plus `delayMs`: never early, so
   * nobody has to look again. Any delay is allowed; none and negative ones mean the next turn. A pending timer does
   * not keep the process alive. The returned function cancels; calling it twice, or after the timer fired, is harmless.
   */
  setTimer(delayMs: number, fire: () => void): () => void
}

/**
 * The host's clock. `nowMs` is never more than 10 ms away from /proc/uptime and takes about 6 µs. Timers of the event
 * loop stand still in a suspend; the ones here notice it within a minute.
 */
export const systemClock: Clock = { nowMs: monotone(fine(() => os.uptime() * 1000)), wallMs: Date.now, setTimer }

/** Of /proc/uptime. */
const COARSE_STEP_MS = 10

// Also keeps each sleep below the 2^31-1 ms at which setTimeout would fire at once.
const LONGEST_SLEEP_MS = 60_000

function setTimer(delayMs: number, fire: () => void): () => void {
  const dueMs = systemClock.nowMs() + delayMs
  let timer: NodeJS.Timeout
  const sleep = (leftMs: number) => {
    timer = setTimeout(wake, Math.min(Math.max(leftMs, 0), LONGEST_SLEEP_MS)).unref()
  }
  const wake = () => {
    const leftMs = dueMs - systemClock.nowMs()
    if (leftMs > 0) sleep(leftMs)
    else fire()
  }
  sleep(delayMs)
  return () => clearTimeout(timer)
}

/** Between the steps of a coarse clock, the clock of this process counts, which stands still in a suspend. */
function fine(readCoarse: () => number): () => number {
  let offset = readCoarse() - performance.now()
  return () => {
    const coarse = readCoarse()
    const now = performance.now() + offset
    const allowed = Math.min(Math.max(now, coarse), coarse + COARSE_STEP_MS)
    offset += allowed - now
    return allowed
  }
}

// Some containers serve an uptime of their own making; a restored or migrated one may show an earlier time.
function monotone(read: () => number): () => number {
  let latest = 0
  return () => (latest = Math.max(latest, read()))
}
