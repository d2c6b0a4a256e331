/** What is sent to a run: written down first, then sent to the very process that was started and to no other. */
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { isDeepStrictEqual } from 'node:util'
import type { StopRequest } from '../runtime.ts'
import { stopAfter } from '../stop-request.ts'
import { readStat } from './identity.ts'
import type { Run } from './run.ts'
import { signalProcess, signalTree } from './tree.ts'

/** True when the run was called off before it had a process. */
export function askToEnd(run: Run, request: StopRequest, nowMs: number, cancelledFile: string): boolean {
  const stop = stopAfter(run.stop, request, nowMs)
  if (!isDeepStrictEqual(stop, run.stop)) {
    run.stop = stop
    run.directory.writeStop(stop)
  }
  if (run.directory.readClaim() === 'None' && run.directory.cancel(cancelledFile)) return true
  run.pid ??= run.directory.readPid()
  if (run.pid === undefined || stop.isHeld === true) return false
  signalTree(run.pid.main, request.signal)
  // A stopped process hears the signal only when it goes on.
  if (request.signal !== 'SIGKILL') signalTree(run.pid.main, 'SIGCONT')
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

/**
 * True when the process has been told. Ready before, the record is made by the very next system call after the signal:
 * whoever dies in between has the signal sent again, never lost.
 */
export function tellOfContent(run: Run, signal: NodeJS.Signals, configRevision: string): boolean {
  if (run.phase !== 'Running' || run.stop !== undefined || run.pid === undefined) return false
  if (run.told === configRevision) return true
  run.isDeaf = !handles(run.pid.main.pid, signal)
  if (run.isDeaf) return false
  const commit = run.directory.prepareTold(configRevision)
  if (!signalProcess(run.pid.main, signal)) return false
  commit()
  run.told = configRevision
  return true
}

/**
 * Whether a process catches, blocks or ignores a signal, so that it does not die of it. The shell that it was before, which
 * catches some, leads no session.
 */
function handles(pid: number, signal: NodeJS.Signals): boolean {
  if (readStat(pid)?.session !== pid) return false
  const bit = 1n << BigInt(constants.signals[signal] - 1)
  const masks = readStatusFile(pid).matchAll(/^Sig(?:Blk|Ign|Cgt):\s*([0-9a-f]+)$/gm)
  return [...masks].some(([, mask]) => (BigInt(`0x${mask ?? '0'}`) & bit) !== 0n)
}

function readStatusFile(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/status`, 'latin1')
  } catch {
    return ''
  }
}
