/** The last samples of what pods use, as rounds of one answer each; a service is the sum of its pods. Pure. */
import { DEFAULT_NAMESPACE, keyOf, parseQuantity, type Key, type PodMetrics } from '@orc/schemas'

export interface Usage {
  /** Cores. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
}

/** One answer of the server; `at` is the newest time of measurement in it. */
export interface Round {
  readonly at: string
  readonly usage: ReadonlyMap<Key, Usage>
}

/** Old to new; undefined where nothing was measured. */
export interface Series {
  readonly cpu: readonly (number | undefined)[]
  readonly memory: readonly (number | undefined)[]
}

export const SAMPLES = 32

/** orc measures less often than it is asked: an answer without a new measurement takes the place of the last one. */
export function addRound(rounds: readonly Round[], metrics: readonly PodMetrics[]): Round[] {
  const at = metrics.reduce((newest, { timestamp }) => (timestamp > newest ? timestamp : newest), '')
  const earlier = rounds.at(-1)?.at === at ? rounds.slice(0, -1) : rounds
  const usage = new Map(metrics.flatMap((pod) => usageOf(pod)))
  return [...earlier, { at, usage }].slice(-SAMPLES)
}

export function seriesOf(rounds: readonly Round[], pods: readonly Key[]): Series {
  const sums = rounds.map(({ usage }) => sum(pods.flatMap((pod) => usage.get(pod) ?? [])))
  return { cpu: sums.map((each) => each?.cpu), memory: sums.map((each) => each?.memory) }
}

function usageOf({ metadata, containers }: PodMetrics): [Key, Usage][] {
  const { cpu, memory } = containers[0].usage
  const cores = coresOf(cpu)
  const bytes = parseQuantity(memory)
  if (cores === undefined || bytes === undefined) return []
  // The key of the pod, not of the metrics: that is what a service knows of it.
  return [[keyOf('Pod', metadata.namespace ?? DEFAULT_NAMESPACE, metadata.name), { cpu: cores, memory: bytes }]]
}

/** Kubernetes measures in nanocores, a unit that manifests do not know. */
function coresOf(cpu: string): number | undefined {
  if (!cpu.endsWith('n')) return parseQuantity(cpu)
  const nanocores = parseQuantity(cpu.slice(0, -1))
  return nanocores === undefined ? undefined : nanocores / 1e9
}

function sum(usages: readonly Usage[]): Usage | undefined {
  if (usages.length === 0) return undefined
  return usages.reduce((total, { cpu, memory }) => ({ cpu: total.cpu + cpu, memory: total.memory + memory }))
}
