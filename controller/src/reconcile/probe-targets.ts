/** What the prober is to ask of a run: nothing where the spec that it began with has no probes. */
import type { AcceptedProbe, AcceptedSpec } from '@orc/schemas'
import type { ProbeTarget } from '../probe/prober.ts'
import { runVariables, type ObservedRun } from '../runtime/runtime.ts'
import type { Environment } from './environment.ts'

export function probeTargetsOf(
  spec: AcceptedSpec,
  { record }: ObservedRun,
  environmentOf: () => Environment,
): readonly ProbeTarget[] {
  const { startupProbe, readinessProbe, livenessProbe } = spec
  if (startupProbe === undefined && readinessProbe === undefined && livenessProbe === undefined) return []
  const { runId, ports, orderedAtMs, workingDir } = record
  return [
    {
      runId,
      startedAtMs: orderedAtMs,
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
