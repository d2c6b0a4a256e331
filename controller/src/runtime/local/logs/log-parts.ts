/**
 * Where the bytes of a log are. A byte keeps its offset for ever, wherever it lies:
 *
 *   log           the live part, which processes append to. Bytes before `from` are holes, or are about to be.
 *   log.<first>   an archive: whole, never changed, the bytes from `first` on. `log.<first>.tmp` does not count.
 *   log.parts     `LogParts`, replaced atomically; absent as long as nothing was moved.
 *
 * Bytes are archived under a name of their own, then `from` is raised, then they are freed in the live part. Whatever
 * is killed in between, a byte is read once: from the archives before `from`, from the live part at and behind it.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'

export interface LogParts {
  /** Where the live part begins. */
  readonly from: number
  /** Offset of the first byte of the live file; 0 where the file system makes holes. */
  readonly base: number
  /** Bytes that were thrown away because they came faster than they could be kept. */
  readonly dropped: number
}

export interface Archive {
  readonly path: string
  readonly first: number
  readonly size: number
  /** On disk. */
  readonly bytes: number
  /** Wall clock, ms. */
  readonly archivedMs: number
}

const WHOLE: LogParts = { from: 0, base: 0, dropped: 0 }

/** `size` of the live file. One that is shorter than its parts say was emptied, and the word about it is missing. */
export function readParts(logPath: string, size: number): LogParts {
  let parts = WHOLE
  try {
    parts = { ...WHOLE, ...(JSON.parse(readFileSync(partsPath(logPath), 'utf8')) as Partial<LogParts>) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return parts.base + size < parts.from ? { ...parts, base: parts.from } : parts
}

export function writeParts(logPath: string, parts: LogParts): void {
  const target = partsPath(logPath)
  writeFileSync(`${target}.tmp`, JSON.stringify(parts), { mode: 0o600 })
  renameSync(`${target}.tmp`, target)
}

/** Differs after each `writeParts`. */
export function stampOfParts(logPath: string): string {
  const found = statSync(partsPath(logPath), { throwIfNoEntry: false })
  return found === undefined ? '' : `${String(found.ino)} ${String(found.mtimeMs)}`
}

/** Oldest bytes first. */
export async function listArchives(logPath: string): Promise<readonly Archive[]> {
  const directory = path.dirname(logPath)
  const firsts = archiveOffsets(await readdir(directory).catch(() => []))
  const archives = await Promise.all(
    firsts.map(async (first) => {
      const file = archivePath(logPath, first)
      const found = await stat(file).catch(() => undefined)
      return found === undefined
        ? []
        : [{ path: file, first, size: found.size, bytes: found.blocks * 512, archivedMs: found.mtimeMs }]
    }),
  )
  return archives.flat()
}

/** Of the archives among the files of a run, rising. */
export function archiveOffsets(names: readonly string[]): number[] {
  return names
    .flatMap((name) => /^log\.(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

export function archivePath(logPath: string, first: number): string {
  return `${logPath}.${String(first)}`
}

function partsPath(logPath: string): string {
  return `${logPath}.parts`
}
