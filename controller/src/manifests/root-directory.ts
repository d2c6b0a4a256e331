/**
 * A directory of manifests as it is now: which files it has, and what each says. Remembers nothing.
 * Files are known by their path: relative to the root that orc may write, absolute below any other.
 */
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Decoded } from '@orc/schemas'
import type { FileEntry } from './directory-index.ts'
import type { Edited } from './edit.ts'
import { fileWarnings } from './file-warnings.ts'
import { isManifestName } from './manifest-watcher.ts'
import { Parser } from './parser.ts'
import { SETTLE_MS } from './settle.ts'
import { readSource, stampNow } from './source-file.ts'

/** One file, read and understood. */
export interface FileReading {
  /** Undefined when it is not there. */
  readonly entry: FileEntry | undefined
  readonly stamp: string
  readonly text: string
  readonly mode: number
}

/** A write that meets an editor waits half a second for it, then is told to come again. */
const SETTLE_TRIES = 10

export class RootDirectory {
  /** Absolute. */
  readonly path: string
  readonly isWritable: boolean
  readonly #parser = new Parser()

  constructor(root: string, isWritable: boolean) {
    this.path = root
    this.isWritable = isWritable
  }

  has(file: string): boolean {
    return path.isAbsolute(file)
      ? !this.isWritable && !path.relative(this.path, file).startsWith('..')
      : this.isWritable
  }

  /** The name by which a file below the root is known. */
  nameOf(relative: string): string {
    return this.isWritable ? relative : path.join(this.path, relative)
  }

  /** Sorted. Undefined when the root cannot be read: then nothing is known about it. */
  async list(): Promise<string[] | undefined> {
    const entries = await readdir(this.path, { recursive: true, withFileTypes: true }).catch(() => undefined)
    return entries
      ?.filter((entry) => !entry.isDirectory() && isManifestName(entry.name))
      .map((entry) => path.relative(this.path, path.join(entry.parentPath, entry.name)))
      .filter((file) => !file.split(path.sep).some((part) => part.startsWith('.')))
      .map((file) => this.nameOf(file))
      .sort()
  }

  /** Differs when another directory stands in the place of the root. Undefined when nothing does. */
  async identity(): Promise<string | undefined> {
    const found = await stat(this.path).catch(() => undefined)
    return found === undefined ? undefined : `${String(found.dev)}:${String(found.ino)}`
  }

  stamp(file: string): Promise<string> {
    return stampNow(path.resolve(this.path, file))
  }

  async read(file: string): Promise<FileReading> {
    const source = await readSource(path.resolve(this.path, file))
    if (source.type === 'Missing') return { entry: undefined, stamp: 'missing', text: '', mode: 0 }
    if (source.type === 'Refused') {
      const errors = [{ line: 1, column: 1, message: source.message }]
      return { entry: { path: file, hash: '', errors, documents: [] }, stamp: source.stamp, text: '', mode: 0 }
    }
    const { text, hash, stamp, mode } = source
    const decoded = await this.#parser.decode(text)
    const warnings = await fileWarnings(path.resolve(this.path, file), source, decoded.documents)
    return { entry: { path: file, hash, ...decoded, warnings }, stamp, text, mode }
  }

  /** As `read`, but a file that is not as it was loaded must stand still first; undefined when it does not. */
  async readSettled(file: string, loadedHash: string | undefined): Promise<FileReading | undefined> {
    let now = await this.read(file)
    for (let tries = 0; tries < SETTLE_TRIES; tries += 1) {
      if (now.entry !== undefined && now.entry.hash === loadedHash) return now
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS.ordinary))
      const next = await this.read(file)
      if (next.stamp === now.stamp) return next
      now = next
    }
    return undefined
  }

  /** What a file of this text would say. */
  decode(text: string): Promise<Decoded> {
    return this.#parser.decode(text)
  }

  /** See `editDocument`. */
  edit(text: string, index: number, before: unknown, wanted: unknown): Promise<Edited> {
    return this.#parser.edit(text, index, before, wanted)
  }

  /** See `removeDocument`. */
  remove(text: string, index: number): Promise<Edited> {
    return this.#parser.remove(text, index)
  }

  close(): void {
    this.#parser.close()
  }
}
