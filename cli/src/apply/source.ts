/** The files that `-f` names, with their text. */
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { Failure } from '../failure.ts'

export interface Source {
  /** As messages show it: what the user wrote, or a path that follows from it. */
  readonly name: string
  /** Absolute; absent for standard input. */
  readonly file?: string
  readonly text: string
  /** SHA-256 (hex) of the bytes. */
  readonly hash: string
}

export interface SourceOptions {
  readonly cwd: string
  readonly stdin: Readable
  /** Also below directories. */
  readonly recursive: boolean
}

/** In the order given; the files of a directory by name. Fails when one cannot be read, or when there is none. */
export async function readSources(wanted: readonly string[], options: SourceOptions): Promise<Source[]> {
  const sources: Source[] = []
  for (const name of wanted) {
    if (name === '-') sources.push(sourceOf('stdin', Buffer.from(await textOf(options.stdin))))
    else for (const file of await filesOf(name, options)) sources.push(await readSource(file, options.cwd))
  }
  return sources
}

async function filesOf(name: string, { cwd, recursive }: SourceOptions): Promise<string[]> {
  const info = await stat(path.resolve(cwd, name)).catch((cause: unknown) => {
    throw new Failure(`${name} cannot be read: ${reasonOf(cause)}`, { cause })
  })
  if (!info.isDirectory()) return [name]
  const entries = await readdir(path.resolve(cwd, name), { recursive })
  const files = entries.filter((entry) => /\.(ya?ml|json)$/.test(entry) && !isHidden(entry)).toSorted()
  if (files.length === 0) throw new Failure(`${name} holds no .yaml, .yml or .json files`)
  return files.map((file) => path.join(name, file))
}

function isHidden(entry: string): boolean {
  return entry.split(path.sep).some((part) => part.startsWith('.'))
}

async function readSource(name: string, cwd: string): Promise<Source> {
  const file = path.resolve(cwd, name)
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new Failure(`${name} cannot be read: ${reasonOf(cause)}`, { cause })
  })
  return { ...sourceOf(name, bytes), file }
}

function sourceOf(name: string, bytes: Buffer): Source {
  return { name, text: bytes.toString('utf8'), hash: hashOf(bytes) }
}

export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'there is no such file or directory'
  return code === 'EACCES' ? 'permission denied' : message
}
