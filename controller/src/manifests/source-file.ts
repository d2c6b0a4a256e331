/** Reads a manifest file without being led astray: regular files only, ours, small, and text. */
import { createHash } from 'node:crypto'
import { constants, type BigIntStats } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import path from 'node:path'
import { FILE_LIMITS } from '@orc/schemas'

export type Source =
  | {
      readonly type: 'Text'
      readonly text: string
      readonly hash: string
      readonly stamp: string
      readonly mode: number
      readonly uid: number
      readonly gid: number
    }
  | { readonly type: 'Missing' }
  /** It is there but not to be read; the sentence says why and what to do. */
  | { readonly type: 'Refused'; readonly message: string; readonly stamp: string }

/** Changes whenever the file is written or replaced. */
export function stampOf(stat: BigIntStats): string {
  return `${String(stat.ino)}:${String(stat.size)}:${String(stat.mtimeNs)}:${String(stat.ctimeNs)}`
}

/** Whether two stamps differ in nothing but what a further name or a change of mode changes. */
export function isSameContent(a: string, b: string): boolean {
  return a.slice(0, a.lastIndexOf(':')) === b.slice(0, b.lastIndexOf(':'))
}

/** The stamp without reading the file; `missing` when it is not there. */
export async function stampNow(file: string): Promise<string> {
  const stat = await lstat(file, { bigint: true }).catch(() => undefined)
  return stat === undefined ? 'missing' : stampOf(stat)
}

export function hashOf(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex')
}

export async function readSource(file: string): Promise<Source> {
  if (await isOpenToAll(path.dirname(file))) {
    const message = 'every user may put files into this directory, so anyone could start programs; run chmod o-w on it'
    return { type: 'Refused', message, stamp: await stampNow(file) }
  }
  let handle
  try {
    // Not followed when it is a link, not waited for when it is a FIFO.
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    return openProblem(error as NodeJS.ErrnoException, await stampNow(file))
  }
  try {
    const stat = await handle.stat({ bigint: true })
    const stamp = stampOf(stat)
    const problem = problemOf(stat)
    if (problem !== undefined) return { type: 'Refused', message: problem, stamp }
    const bytes = await handle.readFile()
    const text = decodeUtf8(bytes)
    if (text === undefined) return { type: 'Refused', message: 'the file is not UTF-8 text; save it as UTF-8', stamp }
    return {
      type: 'Text',
      text,
      hash: hashOf(bytes),
      stamp,
      mode: Number(stat.mode & 0o7777n),
      uid: Number(stat.uid),
      gid: Number(stat.gid),
    }
  } finally {
    await handle.close()
  }
}

/** Looked at again after this time: one look serves the many files of a directory. */
const DIRECTORY_LOOK_MS = 200
const directoryLooks = new Map<string, { readonly atMs: number; readonly isOpen: Promise<boolean> }>()

/** With the sticky bit others can add files, but not replace ours; added ones belong to them and are refused. */
export function isOpenToAll(directory: string): Promise<boolean> {
  const known = directoryLooks.get(directory)
  if (known !== undefined && performance.now() - known.atMs < DIRECTORY_LOOK_MS) return known.isOpen
  const isOpen = lstat(directory).then(
    ({ mode }) => (mode & 0o002) !== 0 && (mode & 0o1000) === 0,
    () => false,
  )
  directoryLooks.set(directory, { atMs: performance.now(), isOpen })
  return isOpen
}

function openProblem(error: NodeJS.ErrnoException, stamp: string): Source {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return { type: 'Missing' }
  if (error.code === 'ELOOP')
    return { type: 'Refused', message: 'symbolic links are not followed; put the file itself here', stamp }
  if (error.code === 'EACCES')
    return {
      type: 'Refused',
      message: 'the file cannot be read (permission denied); make it readable for the user that runs orc',
      stamp,
    }
  if (error.code === 'ENXIO') return { type: 'Refused', message: 'this is not a regular file', stamp }
  throw error
}

function problemOf(stat: BigIntStats): string | undefined {
  if (!stat.isFile()) return 'this is not a regular file'
  const us = BigInt(process.getuid?.() ?? 0)
  if (stat.uid !== us && stat.uid !== 0n)
    return `the file belongs to another user (uid ${String(stat.uid)}); change its owner (chown) to the user that runs orc`
  if ((stat.mode & 0o002n) !== 0n)
    return 'every user may write this file, so anyone could start programs; run chmod o-w on it'
  if (stat.size > BigInt(FILE_LIMITS.bytes))
    return `the file is larger than ${String(FILE_LIMITS.bytes / 1024)} KiB; split it`
  return undefined
}

function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
