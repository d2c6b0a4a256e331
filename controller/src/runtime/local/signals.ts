/** What is sent to a run: written down first, then sent to the very process that was started and to no other. */
import type { StopRecord } from '../runtime.ts'
import type { Run } from './run.ts'
import { signalTree } from './tree.ts'

/** True when the run was called off before it had a process. */
export function askToEnd(
  run: Run,
  { reason, signal, graceMs, requestedAtMs }: StopRecord,
  cancelledFile: string,
): boolean {
  if (run.stop === undefined) {
    run.stop = { reason, signal, graceMs, requestedAtMs }
    run.directory.writeStop(run.stop)
  }
  if (run.directory.readClaim() === 'None' && run.directory.cancel(cancelledFile)) return true
  run.pid ??= run.directory.readPid()
  if (run.pid === undefined) return false
  signalTree(run.pid.main, signal)
  // A stopped process hears the signal only when it goes on.
  if (signal !== 'SIGKILL') signalTree(run.pid.main, 'SIGCONT')
  return false
}

/** Only what was asked to end before. */
export function killTree(run: Run, nowMs: number): void {
  if (run.stop === undefined || run.phase === 'Ended') return
  run.stop = { ...run.stop, killedAtMs: nowMs }
  run.directory.writeStop(run.stop)
  run.pid ??= run.directory.readPid()
  if (run.pid !== undefined) signalTree(run.pid.main, 'SIGKILL')
}
