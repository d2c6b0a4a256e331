/** Which living processes belong to which run. One pass over /proc serves all runs; what is known is not read again. */
import { isDead, readStat, type ProcessStat } from './identity.ts'
import { membersOf } from './limits/cgroup.ts'
import { listProcesses, Signs, type RunTree } from './tree.ts'

/** Processes looked at between two turns of the event loop. */
const SLICE = 200

interface Known {
  readonly startTicks: number
  /** By its marker when it was first seen, or by where it stood; undefined = of none. */
  readonly runId: string | undefined
  readonly looks: number
}

/** In the middle of an exec a process shows nothing; one that shows nothing again is of no run. */
const LOOKS = 2

export class Census {
  #known = new Map<number, Known>()

  /**
   * The pids of each run, by run id. A process belongs to the run whose session or group it is in, to that of its
   * parent, or to that which its environment or its outputs name; once it belongs to one it stays there, whoever adopts
   * it. Where cgroups hold a tree the kernel is asked instead.
   */
  async take(all: readonly RunTree[]): Promise<ReadonlyMap<string, readonly number[]>> {
    const found = new Map(all.map(({ runId, cgroups = [] }) => [runId, [...membersOf(cgroups.slice(0, 1))]]))
    const trees = all.filter(({ cgroups = [] }) => cgroups.length === 0)
    if (trees.length === 0) return found
    const stats = await readStats(Math.min(...trees.map(({ main }) => main?.startTicks ?? 0)))
    const signs = new Signs(trees)
    const known = new Map<number, Known>()
    const runOf = (stat: ProcessStat): string | undefined => {
      const seen = known.get(stat.pid)
      if (seen !== undefined) return seen.runId
      // Before its parent is asked: a number that was used again while we read could make a circle.
      known.set(stat.pid, { startTicks: stat.startTicks, runId: undefined, looks: 0 })
      const before = this.#known.get(stat.pid)
      const isKnown = before?.startTicks === stat.startTicks
      const looks = isKnown ? before.looks + 1 : 1
      const parent = stats.get(stat.parent)
      const runId =
        signs.runOfGroup(stat) ??
        (isKnown ? before.runId : undefined) ??
        (parent === undefined ? undefined : runOf(parent)) ??
        (looks > LOOKS ? undefined : signs.runOfProcess(stat.pid))
      known.set(stat.pid, { startTicks: stat.startTicks, runId, looks })
      return runId
    }
    let looked = 0
    for (const stat of stats.values()) {
      looked += 1
      if (looked % SLICE === 0) await new Promise((resolve) => setImmediate(resolve))
      const runId = runOf(stat)
      if (runId !== undefined) found.get(runId)?.push(stat.pid)
    }
    this.#known = known
    return found
  }
}

async function readStats(oldest: number): Promise<ReadonlyMap<number, ProcessStat>> {
  const stats = new Map<number, ProcessStat>()
  for (const [index, pid] of listProcesses().entries()) {
    if (index % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve))
    const stat = readStat(pid)
    if (stat === undefined || stat.startTicks < oldest || stat.isKernelThread || isDead(stat)) continue
    stats.set(pid, stat)
  }
  return stats
}
