/** What `GET /orc` says. */
import { splitKey, type ControllerInfo, type Key } from '@orc/schemas'
import type { Config } from './config.ts'

export function controllerInfo(
  { manifestsDir, stateDir, mode }: Config,
  holds: Readonly<Record<Key, { readonly since: string }>>,
  running: Pick<ControllerInfo, 'version' | 'startedAt' | 'server'>,
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
