/**
 * Replaces a file of the user without losing an edit that nobody has seen: the old inode is kept aside by a second name
 * until it is certain that no editor wrote to it in the meantime.
 *
 *   temp file, fsync -> link the old inode aside -> rename over the target -> fsync directory -> look at the old inode
 *   at once, and again later, since an editor may hold it open
 *
 * The names of what is left by a kill in between say what they are; `recoverAsides` tidies up at the next start.
 */
import { linkSync, renameSync, statSync, unlinkSync } from 'node:fs'
import { chown, lstat, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { syncDirectory, temporaryNameFor, writeAndSync } from '../objects/durable-file.ts'
import { hashOf, isSameContent, stampOf } from './source-file.ts'

export interface Replacement {
  /** Absolute. */
  readonly target: string
  /** Undefined = the file is removed. */
  readonly text: string | undefined
  /** Of the content that is replaced. */
  readonly expectedHash: string
  readonly expectedStamp: string
  readonly mode: number
}

export type Replaced =
  /** Somebody else wrote it first; nothing was changed. */
  | { readonly type: 'Conflict' }
  /** `late` = what an editor wrote into the old file after it was read; undefined when nobody did. */
  | { readonly type: 'Replaced'; readonly late: string | undefined; readonly later: Promise<string | undefined> }

/** An editor that had the file open has written by then, as a rule. */
const LATER_MS = 200

export async function replaceFile(replacement: Replacement): Promise<Replaced> {
  const { target, text, expectedHash, expectedStamp, mode } = replacement
  const temporary = temporaryNameFor(target)
  const aside = asideName(target, expectedHash)
  try {
    if (text !== undefined) {
      await writeAndSync(temporary, text, mode)
      await keepOwner(temporary, target)
    }
    // From here to the rename without a turn of the event loop: what cannot be one system call should at least be close.
    if (!keepAside(target, aside, expectedStamp)) return { type: 'Conflict' }
    if (text === undefined) unlinkSync(target)
    else renameSync(temporary, target)
  } finally {
    await rm(temporary, { force: true })
  }
  await syncDirectory(path.dirname(target))
  const late = await changedContent(aside, expectedHash)
  return { type: 'Replaced', late, later: late === undefined ? lookLater(aside, expectedHash) : forget(aside) }
}

/** Gives the file a second name; false, and nothing done, when it is not the one that was read. */
function keepAside(target: string, aside: string, expectedStamp: string): boolean {
  try {
    linkSync(target, aside)
  } catch (error) {
    // An editor has renamed it away.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  if (isSameContent(stampOf(statSync(aside, { bigint: true })), expectedStamp)) return true
  unlinkSync(aside)
  return false
}

async function keepOwner(temporary: string, target: string): Promise<void> {
  const owner = await lstat(target).catch(() => undefined)
  // Renamed away in this moment: the caller sees it and gives up.
  if (owner === undefined) return
  const { uid, gid } = owner
  const mine = await lstat(temporary)
  if (mine.uid !== uid || mine.gid !== gid) await chown(temporary, uid, gid).catch(() => undefined)
}

async function lookLater(aside: string, expectedHash: string): Promise<string | undefined> {
  await new Promise((resolve) => setTimeout(resolve, LATER_MS))
  const later = await changedContent(aside, expectedHash)
  await forget(aside)
  return later
}

async function forget(aside: string): Promise<undefined> {
  await rm(aside, { force: true })
  return undefined
}

async function changedContent(aside: string, expectedHash: string): Promise<string | undefined> {
  const bytes = await readFile(aside)
  return hashOf(bytes) === expectedHash ? undefined : bytes.toString('utf8')
}

/** Beside the file, and no manifest. */
export function rescueName(target: string): string {
  return `${target}.rescued-${String(Date.now())}`
}

let counter = 0

function asideName(target: string, hash: string): string {
  counter += 1
  return path.join(
    path.dirname(target),
    `.${path.basename(target)}.${hash.slice(0, 16)}.${String(process.pid)}-${String(counter)}.aside`,
  )
}

/**
 * Removes what a killed controller left between the steps. An old file that somebody wrote to after it was replaced is
 * kept beside the new one, and told to `onRescued`.
 */
export async function recoverAsides(root: string, onRescued: (file: string) => void): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name)
    if (/^\..+\.\d+\.\d+\.tmp$/.test(entry.name)) await rm(file, { force: true })
    const [, name, hash] = /^\.(.+)\.([0-9a-f]{16})\.\d+-\d+\.aside$/.exec(entry.name) ?? []
    if (name === undefined || hash === undefined) continue
    if (hashOf(await readFile(file)).startsWith(hash)) await rm(file, { force: true })
    else {
      const rescued = rescueName(path.join(entry.parentPath, name))
      await rename(file, rescued)
      onRescued(rescued)
    }
  }
}
