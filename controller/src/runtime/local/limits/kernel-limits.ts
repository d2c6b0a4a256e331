/**
 * Holds runs within their limits by cgroups where the kernel lets us, and knows what it holds. A run whose process is
 * not in its cgroups is held by nothing: that is looked at, not believed.
 */
import { isDeepStrictEqual } from 'node:util'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Log } from '../../../log.ts'
import type { LimitedResource, RunLimits } from '../../runtime.ts'
import { isAlive } from '../identity.ts'
import type { Run } from '../run.ts'
import { countOomKills, makeCgroups, membersOf, removeCgroup, setLimits } from './cgroup.ts'
import { makeHierarchies } from './hierarchies.ts'

const CLOSING = { tries: 20, waitMs: 10 } as const

interface Held {
  /** Those of its cgroups that its process is in. */
  readonly cgroups: readonly string[]
  limits: RunLimits | undefined
  resources: readonly LimitedResource[]
}

export class KernelLimits {
  readonly #hierarchies: readonly string[]
  readonly #log: Log
  readonly #held = new Map<string, Held>()
  /** Of ended runs; the kernel needs a moment to let go of them. */
  readonly #leftovers = new Set<string>()

  /** `name` of the directories below which runs get theirs; undefined = new runs get none. */
  constructor(name: string | undefined, log: Log) {
    this.#hierarchies = name === undefined ? [] : makeHierarchies(name)
    this.#log = log
  }

  /** The cgroups of a run that is about to be started. */
  prepare(runId: string, limits: RunLimits): readonly string[] {
    const cgroups = makeCgroups(this.#hierarchies, runId)
    setLimits(cgroups, limits)
    return cgroups
  }

  /** Sets the limits of a run that runs; cheap when they are set. Returns which of them the kernel holds. */
  apply(run: Run, limits: RunLimits): readonly LimitedResource[] {
    const held = this.#look(run)
    if (held.cgroups.length === 0 || isDeepStrictEqual(held.limits, limits)) return held.resources
    held.resources = setLimits(held.cgroups, limits)
    const isWhole = held.resources.length === Object.keys(limits).length
    // Memory in use may be more than a new limit allows: asked again at the next pass.
    held.limits = isWhole ? limits : undefined
    return held.resources
  }

  /** Where its whole tree is; none when its process was not seen there. */
  cgroupsOf(run: Run): readonly string[] {
    return this.#look(run).cgroups
  }

  /** How often the kernel killed a process of the run for its memory. */
  oomKillsOf(run: Run): number {
    return countOomKills(ownCgroups(run))
  }

  /** Removes the cgroups of a run that has ended, now or when the kernel lets go of them. */
  release(run: Run): void {
    this.#held.delete(run.record.runId)
    for (const cgroup of ownCgroups(run)) this.#leftovers.add(cgroup)
    this.tidy()
  }

  /** Takes over what an earlier controller left: cgroups of no open run are to go. Those with processes stay. */
  adopt(open: ReadonlySet<string>): void {
    for (const hierarchy of this.#hierarchies)
      for (const { name } of readdirSync(hierarchy, { withFileTypes: true }).filter((entry) => entry.isDirectory()))
        if (!open.has(name)) this.#leftovers.add(path.join(hierarchy, name))
    this.tidy()
  }

  tidy(): void {
    for (const cgroup of this.#leftovers) if (removeCgroup(cgroup)) this.#leftovers.delete(cgroup)
  }

  /** What holds no run any more goes; a process that was called off at the gate may still be on its way out. */
  async close(): Promise<void> {
    this.tidy()
    for (let tries = 0; tries < CLOSING.tries && this.#leftovers.size > 0; tries += 1) {
      await setTimeout(CLOSING.waitMs)
      this.tidy()
    }
    for (const hierarchy of this.#hierarchies) removeCgroup(hierarchy)
  }

  #look(run: Run): Held {
    const { runId } = run.record
    const known = this.#held.get(runId)
    if (known !== undefined || run.pid === undefined) return known ?? { cgroups: [], limits: undefined, resources: [] }
    const { pid } = run.pid.main
    const own = ownCgroups(run)
    const cgroups = own.filter((cgroup) => membersOf([cgroup]).has(pid))
    const held: Held = { cgroups, limits: undefined, resources: [] }
    if (!isAlive(run.pid.main)) return held
    this.#held.set(runId, held)
    if (cgroups.length < own.length)
      this.#log.warn(`process ${String(pid)} of ${run.ref.name} is not in its cgroup; its limits are held by samples`)
    return held
  }
}

/** As the record says, where it can be true: a directory of that run below one of orc's. */
export function ownCgroups({ record: { runId, cgroups = [] } }: Run): readonly string[] {
  return cgroups.filter(
    (cgroup) => path.basename(cgroup) === runId && path.basename(path.dirname(cgroup)).startsWith('orc-'),
  )
}
