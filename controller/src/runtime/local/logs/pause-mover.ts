/**
 * Where the file system makes no holes: copies, stops the process for the last bytes, empties the live file and lets
 * the process go on. What writes to the log outside the process group of the run is not stopped, and may lose lines.
 */
import { fstatSync, readSync, renameSync, truncateSync, writeSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { archivePath, writeParts, type LogParts } from './log-parts.ts'
import { afterMove, copyRange, type Growing, type Move, type Mover } from './mover.ts'

/** Calls `action` in one turn while the process of the log stands still; false = it could not be stopped. */
export type PauseWriter = (logPath: string, action: () => void) => Promise<boolean>

/** So little is left to copy in the pause, if the process does not outrun us. */
const PAUSED_COPY_BYTES = 256 * 1024
const CATCH_UPS = 10

export class PauseMover implements Mover {
  readonly #pause: PauseWriter

  constructor(pause: PauseWriter) {
    this.#pause = pause
  }

  async move({ logPath, parts }: Growing, { to }: Move): Promise<LogParts> {
    const target = archivePath(logPath, parts.from)
    const live = await open(logPath, 'r')
    const copy = to === 'Archive' ? await open(`${target}.tmp`, 'w', 0o600) : undefined
    let moved = parts
    try {
      let at = parts.from - parts.base
      for (let tries = 0; copy !== undefined && tries < CATCH_UPS; tries += 1) {
        const { size } = await live.stat()
        if (size - at <= PAUSED_COPY_BYTES) break
        await copyRange(live, copy, { start: at, end: size })
        at = size
      }
      await this.#pause(logPath, () => {
        const size = copy === undefined ? fstatSync(live.fd).size : copyRest(live.fd, copy.fd, at)
        if (copy !== undefined) renameSync(`${target}.tmp`, target)
        moved = afterMove(parts, parts.base + size, to)
        writeParts(logPath, moved)
        truncateSync(logPath)
        moved = { ...moved, base: moved.from }
        writeParts(logPath, moved)
      })
      return moved
    } finally {
      await live.close()
      await copy?.close()
      if (copy !== undefined) await rm(`${target}.tmp`, { force: true })
    }
  }

  free(): Promise<void> {
    return Promise.resolve()
  }
}

/** Copies what is behind `start` to the end of the copy; returns the size of the file. */
function copyRest(source: number, target: number, start: number): number {
  const buffer = Buffer.allocUnsafe(PAUSED_COPY_BYTES)
  for (let at = start; ;) {
    const length = readSync(source, buffer, 0, buffer.length, at)
    if (length === 0) return at
    for (let written = 0; written < length;) written += writeSync(target, buffer, written, length - written)
    at += length
  }
}
