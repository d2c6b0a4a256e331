/** A state belongs to one manifests directory: a typing error in a flag must not look like the removal of everything. */
import { UsageError, type Config } from './config.ts'
import type { StateDatabase } from './objects/controller-state.ts'

/** Refuses another directory than that of the `known` objects, unless it was asked for. */
export function rememberRoot(state: StateDatabase, config: Config, known: number): void {
  const { data } = state
  if (data.manifestsDir !== '' && data.manifestsDir !== config.manifestsDir && known > 0 && !config.adoptRoot)
    throw new UsageError(
      `the state in ${config.stateDir} belongs to the manifests in ${data.manifestsDir} (${String(known)} objects), not to ${config.manifestsDir}. Nothing was changed. Give that directory, another --state-dir, or --adopt-root if the manifests have moved.`,
    )
  if (data.manifestsDir === config.manifestsDir) return
  data.manifestsDir = config.manifestsDir
  state.write()
}
