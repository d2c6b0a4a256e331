/**
 * Hints that something below the root may have changed. A hint may be lost: the full pass is what counts.
 *
 * Up to 250 files are watched one by one (chokidar), which sees every way of saving. Above that the directories are
 * watched, since each watch costs memory of the kernel. When the kernel has no watches left, files are looked at every 2 s.
 */
import { watch as watchFiles, type ChokidarOptions } from 'chokidar'
import { watch as watchDirectory, type FSWatcher } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'

export interface ManifestWatcher {
  close(): Promise<void>
}

export interface WatchOptions {
  /** Hears of a file or directory that may have changed, relative to the root. */
  readonly onHint: (relativePath: string) => void
  /** The watch is not what it should be; a sentence with what happens instead. */
  readonly onTrouble: (message: string) => void
  /** Default 250. */
  readonly mostFiles?: number
}

/** From about here on chokidar, which reads a directory anew for each change in it, takes longer than it saves. */
const MOST_FILES = 250
const POLL_MS = 2000

/** Files of this name are manifests; editors' leftovers (`~`, `.swp`, `#x#`, dot files) are not. */
export function isManifestName(name: string): boolean {
  return /\.ya?ml$/.test(name) && !name.startsWith('.') && !name.startsWith('#')
}

/** Resolves when the watch is in place; changes after that are hinted at. */
export async function watchManifests(root: string, options: WatchOptions): Promise<ManifestWatcher> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
  if (entries.filter((entry) => entry.isFile()).length > (options.mostFiles ?? MOST_FILES))
    return watchDirectories(root, options)
  // The directories too: chokidar misses what is made in a new directory at the very moment when it begins to watch it.
  const watchers = await Promise.all([
    watchEachFile(root, options),
    watchDirectories(root, { ...options, onTrouble: () => undefined }),
  ])
  return { close: async () => void (await Promise.all(watchers.map((watcher) => watcher.close()))) }
}

async function watchEachFile(root: string, { onHint, onTrouble }: WatchOptions): Promise<ManifestWatcher> {
  const begin = (more: ChokidarOptions) => {
    const watcher = watchFiles(root, {
      ignoreInitial: true,
      followSymlinks: false,
      ignored: (file, stats) => isIgnored(path.relative(root, file), stats?.isFile() ?? false),
      ...more,
    })
    for (const event of ['add', 'change', 'unlink'] as const)
      watcher.on(event, (file) => {
        onHint(path.relative(root, file))
      })
    return watcher
  }
  let watcher = begin({})
  let polls = false
  watcher.on('error', (error) => {
    if (polls) return
    polls = true
    onTrouble(
      `the kernel has no watches left for ${root} (${codeOf(error)}; see fs.inotify.max_user_watches and max_user_instances): its files are looked at every ${String(POLL_MS / 1000)} s`,
    )
    void watcher.close()
    watcher = begin({ usePolling: true, interval: POLL_MS })
    watcher.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => {
    watcher.once('ready', resolve)
    watcher.once('error', () => {
      resolve()
    })
  })
  return { close: () => watcher.close() }
}

function isIgnored(relative: string, isFile: boolean): boolean {
  const parts = relative.split(path.sep)
  if (parts.some((part) => part.startsWith('.') && part !== '.' && part !== '')) return true
  return isFile && !isManifestName(parts.at(-1) ?? '')
}

async function watchDirectories(root: string, { onHint, onTrouble }: WatchOptions): Promise<ManifestWatcher> {
  const watchers = new Map<string, FSWatcher>()
  let isTold = false
  const trouble = (error: unknown): void => {
    if (!isTold) onTrouble(`watching ${root} failed (${codeOf(error)}); some changes are found within a minute only`)
    isTold = true
  }
  const add = async (directory: string): Promise<void> => {
    if (watchers.has(directory)) return
    try {
      const watcher = watchDirectory(path.join(root, directory), (_event, name) => {
        if (name === null || name.startsWith('.')) return
        const changed = path.join(directory, name)
        onHint(changed)
        if (!isManifestName(name)) void add(changed)
      })
      watcher.on('error', () => {
        watchers.delete(directory)
      })
      watchers.set(directory, watcher)
    } catch (error) {
      // Mostly a file that is no manifest, or a directory that is gone again.
      if (!['ENOTDIR', 'ENOENT'].includes(codeOf(error))) trouble(error)
      return
    }
    for (const entry of await readdir(path.join(root, directory), { withFileTypes: true }).catch(() => [])) {
      const child = path.join(directory, entry.name)
      if (entry.isDirectory() && !entry.name.startsWith('.')) await add(child)
      // A directory that is new may have been filled before it was watched.
      else if (directory !== '' && isManifestName(entry.name)) onHint(child)
    }
  }
  await add('')
  return {
    close: () => {
      for (const watcher of watchers.values()) watcher.close()
      return Promise.resolve()
    },
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}
