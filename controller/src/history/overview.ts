/** Rows of a whole fleet as bars and small curves: one item per step and service. Pure. */
import type { OverviewRow } from '../ports/service-history.ts'
import { bytesOf, coresOf, shareOf } from './points.ts'
import type { FleetRow } from './samples-file.ts'

interface Steps {
  readonly firstMs: number
  readonly stepMs: number
  readonly count: number
}

interface Sums {
  wanted: number
  ready: number
  restarts: number
  known: number
  cpu: number
  memory: number
}

export function overviewOf({ service, rows }: FleetRow, { firstMs, stepMs, count }: Steps): OverviewRow {
  const steps = Array.from({ length: count }, nothing)
  const whole = nothing()
  for (const [atMs, ...values] of rows) {
    add(whole, values)
    const step = steps[Math.floor((atMs - firstMs) / stepMs)]
    if (step !== undefined) add(step, values)
  }
  const { namespace, service: name, uid } = service
  return {
    ...{ namespace, service: name, uid },
    uptimeShare: shareOf(whole.ready, whole.wanted),
    restarts: whole.restarts,
    uptimeShares: steps.map(({ ready, wanted }) => shareOf(ready, wanted)),
    cpuCores: steps.map(({ cpu, known }) => (known === 0 ? null : coresOf(cpu, known))),
    memoryBytes: steps.map(({ memory, known }) => (known === 0 ? null : bytesOf(memory, known))),
  }
}

function nothing(): Sums {
  return { wanted: 0, ready: 0, restarts: 0, known: 0, cpu: 0, memory: 0 }
}

function add(
  sums: Sums,
  [wanted, ready, restarts, known, cpu, memory]: readonly [number, number, number, number, number, number],
): void {
  sums.wanted += wanted
  sums.ready += ready
  sums.restarts += restarts
  sums.known += known
  sums.cpu += cpu
  sums.memory += memory
}
