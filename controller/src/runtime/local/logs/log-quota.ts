/** How much the logs of runs take on disk, and which of them go first when that is too much. */
import { statSync, truncateSync } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { listArchives, readParts, writeParts } from './log-parts.ts'

export interface StoredLog {
  readonly logPath: string
  readonly ended: boolean
}

/** A file that can be given up: an archive, or what is left of a run that has ended. */
interface Surplus {
  readonly path: string
  readonly bytes: number
  /** Wall clock, ms. */
  readonly writtenMs: number
  /** Of the run, when this is its live part. */
  readonly isLivePart: boolean
}

export interface Usage {
  /** Bytes on disk of what can be given up. */
  readonly surplusBytes: number
  /** Bytes on disk of what is being written. */
  readonly liveBytes: number
  readonly surplus: readonly Surplus[]
}

const BLOCK = 512

export async function usageOf(logs: readonly StoredLog[]): Promise<Usage> {
  const surplus: Surplus[] = []
  let liveBytes = 0
  for (const { logPath, ended } of logs) {
    for (const { path, bytes, archivedMs } of await listArchives(logPath))
      surplus.push({ path, bytes, writtenMs: archivedMs, isLivePart: false })
    const found = await stat(logPath).catch(() => undefined)
    if (found === undefined) continue
    const bytes = found.blocks * BLOCK
    if (!ended) liveBytes += bytes
    else if (bytes > 0) surplus.push({ path: logPath, bytes, writtenMs: found.mtimeMs, isLivePart: true })
  }
  return { surplusBytes: surplus.reduce((sum, { bytes }) => sum + bytes, 0), liveBytes, surplus }
}

/** Gives up the oldest files until no more than `most` bytes of them are left; returns how many are. */
export async function trim({ surplus, surplusBytes }: Usage, most: number): Promise<number> {
  let left = surplusBytes
  for (const { path, bytes, isLivePart } of surplus.toSorted((a, b) => a.writtenMs - b.writtenMs)) {
    if (left <= most) break
    if (isLivePart) emptyEnded(path)
    else await rm(path, { force: true })
    left -= bytes
  }
  return left
}

/** In one turn; killed in between, the parts say that what is left does not count. */
function emptyEnded(logPath: string): void {
  const size = statSync(logPath, { throwIfNoEntry: false })?.size
  if (size === undefined) return
  const parts = readParts(logPath, size)
  const end = parts.base + size
  writeParts(logPath, { ...parts, from: end })
  truncateSync(logPath)
  writeParts(logPath, { ...parts, from: end, base: end })
}
