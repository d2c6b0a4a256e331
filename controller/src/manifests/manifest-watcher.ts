/** Hints that a file below the root may have changed. A hint may be lost: the full pass is what counts. */
import { watch, type FSWatcher } from 'chokidar'
import path from 'node:path'

/** Files of this name are manifests; editors' leftovers (`~`, `.swp`, `#x#`, dot files) are not. */
export function isManifestName(name: string): boolean {
  return /\.ya?ml$/.test(name) && !name.startsWith('.') && !name.startsWith('#')
}

export interface ManifestWatcher {
  close(): Promise<void>
}

/** Resolves when the watch is in place; changes after that are hinted at by path relative to the root. */
export async function watchManifests(
  root: string,
  onHint: (relativePath: string) => void,
  onError: (error: unknown) => void,
): Promise<ManifestWatcher> {
  const watcher: FSWatcher = watch(root, {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (file, stats) => isIgnored(path.relative(root, file), stats?.isFile() ?? false),
  })
  for (const event of ['add', 'change', 'unlink'] as const) watcher.on(event, (file) => { onHint(path.relative(root, file)) })
  watcher.on('error', onError)
  await new Promise<void>((resolve) => watcher.once('ready', () => { resolve() }))
  return watcher
}

function isIgnored(relative: string, isFile: boolean): boolean {
  const parts = relative.split(path.sep)
  if (parts.some((part) => part.startsWith('.') && part !== '.' && part !== '')) return true
  return isFile && !isManifestName(parts.at(-1) ?? '')
}
