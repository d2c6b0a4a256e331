/** What is to be looked at of a run: whether its process may have ended, and by what its tree is known. */
import { isAlive, isInUse } from './identity.ts'
import { ownCgroups } from './limits/kernel-limits.ts'
import type { Run } from './run.ts'
import type { RunTree } from './tree.ts'

/**
 * The exit file tells of ends as a rule; this finds a run whose shim was killed with it. Whether the number is in use
 * costs next to nothing to ask; whether by the same process, and not by a zombie, is asked when it is its turn.
 */
export function mayHaveEnded(run: Run, isTurn: boolean): boolean {
  if (run.phase !== 'Running' || run.pid === undefined) return true
  return isTurn ? !isAlive(run.pid.main) : !isInUse(run.pid.main.pid)
}

export function treeOf(run: Run): RunTree {
  const { record, directory, pid } = run
  const { runId } = record
  return {
    runId,
    logPath: directory.logPath,
    cgroups: ownCgroups(run),
    ...(pid === undefined ? {} : { main: pid.main }),
  }
}
