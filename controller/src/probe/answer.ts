/** What came of one question to one process, and the deadline that every question has. */

export interface Answer {
  /** Unknown = the controller itself was too late or too busy to tell: nobody is blamed for it. */
  readonly verdict: 'Passed' | 'Failed' | 'Unknown'
  /** What was asked and what came back. */
  readonly message: string
  /** From the question to the answer; absent when nobody was asked. */
  readonly tookMs?: number
}

/** A timer that fires so late says that the controller stood still: stopped, suspended or starved. */
const LATE_MS = 100
/** With more of its time than this spent in its own work, the controller may have left the answer lying. */
const BUSY_SHARE = 0.5

/**
 * Asks, and answers within the deadline in any case. `begin` starts the question and calls `settle` at most once; what
 * it returns ends the question, and is called at the deadline.
 */
export function withinDeadline(
  timeoutMs: number,
  asked: string,
  begin: (settle: (passed: boolean, message: string) => void) => () => void,
): Promise<Answer> {
  return new Promise((resolve) => {
    const startedMs = performance.now()
    const work = performance.eventLoopUtilization()
    const finish = (answer: Answer): void => {
      clearTimeout(timer)
      resolve({ ...answer, message: `${asked} ${answer.message}`, tookMs: performance.now() - startedMs })
    }
    const timer = setTimeout(() => {
      const isLate = performance.now() - startedMs - timeoutMs > LATE_MS
      const isBusy = performance.eventLoopUtilization(work).active > timeoutMs * BUSY_SHARE
      // An answer that lies in a buffer is read in the phase after the timers: it came in time.
      setImmediate(() => {
        finish(
          isLate || isBusy
            ? { verdict: 'Unknown', message: 'could not be judged: the controller did not get to it in time' }
            : { verdict: 'Failed', message: `took longer than ${String(timeoutMs / 1000)} s` },
        )
        end()
      })
    }, timeoutMs)
    const end = begin((passed, message) => {
      finish({ verdict: passed ? 'Passed' : 'Failed', message })
    })
  })
}

export function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message
}
