/** The limits of a service: in numbers, who holds them, and what samples are to judge. */
import { parseQuantity, type AcceptedSpec, type AgentService } from '@orc/schemas'
import type { SampleTarget, Sampler } from '../metrics/sampler.ts'
import type { LimitBreach } from '../plan/world.ts'
import type { LimitedResource, ObservedRun, ObservedSlot, RunLimits, Runtime } from '../runtime/runtime.ts'
import { podName } from './pod.ts'

type Enforcement = NonNullable<NonNullable<AgentService['status']>['enforcement']>

/** By run id, of every run that runs: the limits that the kernel holds. */
export type HeldLimits = ReadonlyMap<string, readonly LimitedResource[]>

export function limitsOf({ resources }: AcceptedSpec): RunLimits {
  const { cpu, memory, pids } = resources?.limits ?? {}
  return { ...quantity('cpu', cpu), ...quantity('memory', memory), ...(pids === undefined ? {} : { pids }) }
}

function quantity(name: 'cpu' | 'memory', text: string | number | undefined): RunLimits {
  const value = text === undefined ? undefined : parseQuantity(text)
  return value === undefined ? {} : { [name]: value }
}

/** Limits that changed take effect at once, where the kernel holds them. */
export function holdLimits(
  spec: AcceptedSpec | undefined,
  slots: readonly ObservedSlot[],
  runtime: Pick<Runtime, 'limit'>,
): HeldLimits {
  if (spec === undefined) return new Map()
  const limits = limitsOf(spec)
  const running = slots.flatMap(({ runs }) => runs).filter(({ phase }) => phase === 'Running')
  return new Map(running.map(({ ref, record }) => [record.runId, runtime.limit(ref, limits)]))
}

/** What is measured, and judged where the kernel does not hold it. */
export function sampleTargets(
  spec: AcceptedSpec | undefined,
  running: readonly ObservedRun[],
  held: HeldLimits,
): readonly SampleTarget[] {
  const { cpu, memory } = spec === undefined ? {} : limitsOf(spec)
  return running.flatMap(({ ref, pid, record: { runId } }) => {
    if (pid === undefined) return []
    const byKernel = held.get(runId) ?? []
    const limits = {
      ...(cpu === undefined || byKernel.includes('cpu') ? {} : { cpu }),
      ...(memory === undefined || byKernel.includes('memory') ? {} : { memory }),
    }
    return [{ pod: podName(ref.name, ref.ordinal), pid, runId, limits }]
  })
}

export function breachesOf(
  slots: readonly ObservedSlot[],
  sampler: Pick<Sampler, 'breach'>,
): ReadonlyMap<string, LimitBreach> {
  const runs = slots.flatMap((slot) => slot.runs)
  return new Map(
    runs.flatMap(({ record: { runId } }) => {
      const breach = sampler.breach(runId)
      return breach === undefined ? [] : [[runId, breach] as const]
    }),
  )
}

/** How the declared limits hold for every live run; absent while nothing is declared or nothing runs. */
export function enforcementOf(spec: AcceptedSpec, held: HeldLimits): { readonly enforcement?: Enforcement } {
  const limits = limitsOf(spec)
  if (held.size === 0 || Object.keys(limits).length === 0) return {}
  const isHeld = (resource: LimitedResource): boolean =>
    [...held.values()].every((resources) => resources.includes(resource))
  const measured = (resource: 'cpu' | 'memory'): 'Kernel' | 'Sampled' | 'None' => {
    if (limits[resource] === undefined) return 'None'
    return isHeld(resource) ? 'Kernel' : 'Sampled'
  }
  const pids = limits.pids !== undefined && isHeld('pids') ? 'Kernel' : 'None'
  return { enforcement: { cpu: measured('cpu'), memory: measured('memory'), pids } }
}
