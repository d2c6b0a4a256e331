/** What `GET /orc` says. */
import { splitKey, type ControllerInfo, type Key } from '@orc/schemas'
import type { Config } from './config.ts'
import type { HostShares } from './reconcile/admission.ts'
import type { Requests } from './runtime/runtime.ts'

export function controllerInfo(
  { manifestsDir, stateDir, mode }: Config,
  holds: Readonly<Record<Key, { readonly since: string }>>,
  running: Pick<ControllerInfo, 'version' | 'startedAt' | 'server' | 'capacity'>,
): ControllerInfo {
  return {
    ...running,
    pid: process.pid,
    manifestsDir,
    stateDir,
    mode,
    holds: Object.entries(holds)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { since }]) => ({ ...splitKey(key), since })),
  }
}

export function capacityOf({
  allocatable,
  reserved,
  kept,
  waiting,
}: HostShares): NonNullable<ControllerInfo['capacity']> {
  return { allocatable: quantities(allocatable), reserved: quantities(reserved), kept: quantities(kept), waiting }
}

function quantities({ cpuMillis, memoryBytes }: Requests): { cpu: string; memory: string } {
  return { cpu: `${String(cpuMillis)}m`, memory: String(memoryBytes) }
}
