/** The end of a log, at once, wherever it lies. */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import path from 'node:path'
import { archiveOffsets, archivePath, readParts } from './log-parts.ts'

/** At most `count` bytes; fewer when no more were written or kept. Undefined when there is no log. */
export function readLastBytes(logPath: string, count: number): Buffer | undefined {
  const live = openIfThere(logPath)
  if (live === undefined) return undefined
  try {
    const { size } = fstatSync(live)
    const { from, base } = readParts(logPath, size)
    const last = read(live, Math.max(from - base, size - count), size)
    if (last.length === count || from === 0) return last
    const first = archiveOffsets(readdirSync(path.dirname(logPath))).findLast((offset) => offset < from)
    return Buffer.concat([
      endOf(first === undefined ? undefined : archivePath(logPath, first), count - last.length),
      last,
    ])
  } finally {
    closeSync(live)
  }
}

function endOf(file: string | undefined, count: number): Buffer {
  const fd = file === undefined ? undefined : openIfThere(file)
  if (fd === undefined) return Buffer.alloc(0)
  try {
    const { size } = fstatSync(fd)
    return read(fd, Math.max(0, size - count), size)
  } finally {
    closeSync(fd)
  }
}

function read(fd: number, start: number, end: number): Buffer {
  const buffer = Buffer.alloc(Math.max(0, end - start))
  return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, start))
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
