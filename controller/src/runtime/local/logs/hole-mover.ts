/** Makes holes where bytes were (`fallocate --punch-hole`): nobody who writes notices, and every offset stays. */
import { execFile } from 'node:child_process'
import { open, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { archivePath, writeParts, type LogParts } from './log-parts.ts'
import { afterMove, copyRange, type Growing, type Move, type Mover } from './mover.ts'

const DEADLINE_MS = 10_000
const TRIAL_BYTES = 64 * 1024
const LINE_SEARCH = 64 * 1024
const NEWLINE = 0x0a

export class HoleMover implements Mover {
  async move(log: Growing, { end, to }: Move): Promise<LogParts> {
    const { logPath, parts } = log
    const target = archivePath(logPath, parts.from)
    // An earlier controller was killed after it had made the archive, and before it said so.
    const made = await stat(target).catch(() => undefined)
    // An empty one is what a power cut left.
    const isMade = made !== undefined && made.size > 0
    const from = isMade ? parts.from + made.size : await cut(log, end)
    if (!isMade && to === 'Archive') await archive(log, target, from)
    const moved = afterMove(parts, from, isMade ? 'Archive' : to)
    writeParts(logPath, moved)
    return moved
  }

  async free(logPath: string, { from, base }: LogParts): Promise<void> {
    if (from > base) await punchHole(logPath, from - base)
  }
}

/** Tries it on a file of its own, which a killed orc leaves there; says why it does not work, if so. */
export async function whyNoHoles(directory: string): Promise<string | undefined> {
  const file = path.join(directory, '.hole')
  try {
    await writeFile(file, Buffer.alloc(TRIAL_BYTES, 'x'), { mode: 0o600 }).catch((error: unknown) => {
      // A full disk says nothing about holes: what there is of the file is enough.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    })
    await punchHole(file, TRIAL_BYTES)
    const { blocks } = await stat(file)
    return blocks === 0 ? undefined : 'the file system keeps what was freed'
  } catch (error) {
    return (error as Error).message
  } finally {
    await rm(file, { force: true })
  }
}

function punchHole(file: string, length: number): Promise<void> {
  const args = ['--punch-hole', '--offset', '0', '--length', String(length), file]
  return new Promise((resolve, reject) => {
    execFile('fallocate', args, { timeout: DEADLINE_MS }, (error, _stdout, stderr) => {
      if (error === null) resolve()
      else reject(new Error(stderr.trim() || error.message))
    })
  })
}

async function archive({ logPath, parts }: Growing, target: string, end: number): Promise<void> {
  const live = await open(logPath, 'r')
  try {
    const copy = await open(`${target}.tmp`, 'w', 0o600)
    try {
      await copyRange(live, copy, { start: parts.from - parts.base, end: end - parts.base })
    } finally {
      await copy.close()
    }
    await rename(`${target}.tmp`, target)
  } catch (error) {
    await rm(`${target}.tmp`, { force: true })
    throw error
  } finally {
    await live.close()
  }
}

/** Where the last line begins that begins at `wanted` or before it; `wanted` when that line is long. */
async function cut({ logPath, parts, end }: Growing, wanted: number): Promise<number> {
  const at = Math.min(wanted, end)
  const start = Math.max(parts.from, at - LINE_SEARCH)
  const live = await open(logPath, 'r')
  try {
    const buffer = Buffer.alloc(at - start)
    const { bytesRead } = await live.read(buffer, 0, buffer.length, start - parts.base)
    const newline = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE)
    return newline === -1 ? at : start + newline + 1
  } finally {
    await live.close()
  }
}
