/** What the prober is to ask of a run, and what of its answers is kept for a controller to come. */
import type { AcceptedProbe, AcceptedSpec } from '@orc/schemas'
import type { ProbeResult, ProbeTarget } from '../probe/prober.ts'
import { runVariables, type ObservedRun, type ObservedSlot, type Runtime } from '../runtime/runtime.ts'
import type { Environment } from './environment.ts'

/** Nothing where the spec that it began with has no probes. */
export function probeTargetsOf(
  spec: AcceptedSpec,
  { record, readySinceMs }: ObservedRun,
  environmentOf: () => Environment,
): readonly ProbeTarget[] {
  const { startupProbe, readinessProbe, livenessProbe } = spec
  if (startupProbe === undefined && readinessProbe === undefined && livenessProbe === undefined) return []
  const { runId, ports, orderedAtMs, workingDir } = record
  return [
    {
      runId,
      startedAtMs: orderedAtMs,
      knownReadySinceMs: readySinceMs,
      ports,
      startupProbe: startupProbe as AcceptedProbe | undefined,
      readinessProbe: readinessProbe as AcceptedProbe | undefined,
      livenessProbe: livenessProbe as AcceptedProbe | undefined,
      execContext: () => {
        const environment = environmentOf()
        if (!environment.ok) return undefined
        return { workingDir, env: { ...environment.env, ...runVariables(record) } }
      },
    },
  ]
}

/** Whoever is asked for the first time by a new controller is not taken for one that serves nobody. */
export function noteReadiness(
  slots: readonly ObservedSlot[],
  results: ReadonlyMap<string, ProbeResult>,
  runtime: Pick<Runtime, 'noteReadiness'>,
): void {
  for (const { ref, record, readySinceMs } of slots.flatMap(({ runs }) => runs)) {
    const result = results.get(record.runId)
    if (result !== undefined && result.readySinceMs !== readySinceMs) runtime.noteReadiness(ref, result.readySinceMs)
  }
}
