/** Who uses more than its limits, sample after sample. A single one says little: what counts is several in a row. */

const SAMPLES_IN_A_ROW = 3
/** From this part of a limit on a run is looked at more often. */
const NEAR = 0.8

/** What is to be judged by samples; absent = without a limit, or the kernel holds it. */
export interface WatchedLimits {
  /** Cores. */
  readonly cpu?: number
  /** Bytes. */
  readonly memory?: number
}

type Resource = keyof WatchedLimits

/** The limits that a run exceeded in as many samples in a row as it takes. */
export type LimitBreach = Readonly<Partial<Record<Resource, { readonly used: number; readonly limit: number }>>>

interface Watched {
  readonly limits: WatchedLimits
  readonly inARow: Record<Resource, number>
  used: Readonly<Record<Resource, number>> | undefined
}

const RESOURCES: readonly Resource[] = ['cpu', 'memory']

export class LimitWatch {
  readonly #runs = new Map<string, Watched>()

  /** Counting begins anew when a limit changes. */
  watch(runId: string, limits: WatchedLimits): void {
    const known = this.#runs.get(runId)?.limits
    if (known !== undefined && known.cpu === limits.cpu && known.memory === limits.memory) return
    if (limits.cpu === undefined && limits.memory === undefined) this.#runs.delete(runId)
    else this.#runs.set(runId, { limits, inARow: { cpu: 0, memory: 0 }, used: undefined })
  }

  forget(runId: string): void {
    this.#runs.delete(runId)
  }

  /** Takes a sample; true when the breach of the run is another one than before it. */
  note(runId: string, used: Readonly<Record<Resource, number>>): boolean {
    const watched = this.#runs.get(runId)
    if (watched === undefined) return false
    watched.used = used
    let changed = false
    for (const resource of RESOURCES) {
      const before = watched.inARow[resource]
      watched.inARow[resource] = used[resource] > (watched.limits[resource] ?? Infinity) ? before + 1 : 0
      changed ||= before >= SAMPLES_IN_A_ROW !== watched.inARow[resource] >= SAMPLES_IN_A_ROW
    }
    return changed
  }

  isNear(runId: string): boolean {
    const { limits, used } = this.#runs.get(runId) ?? {}
    return RESOURCES.some((resource) => (used?.[resource] ?? 0) >= NEAR * (limits?.[resource] ?? Infinity))
  }

  breach(runId: string): LimitBreach | undefined {
    const watched = this.#runs.get(runId)
    if (watched?.used === undefined) return undefined
    const { limits, used, inARow } = watched
    const entries = RESOURCES.flatMap((resource) => {
      const limit = limits[resource]
      return limit !== undefined && inARow[resource] >= SAMPLES_IN_A_ROW
        ? [[resource, { used: used[resource], limit }] as const]
        : []
    })
    return entries.length === 0 ? undefined : Object.fromEntries(entries)
  }
}
