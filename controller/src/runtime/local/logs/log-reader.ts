/** One log as if it were one file: bytes by offset, wherever they lie; what was deleted is passed over. */
import { fstatSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { listArchives, readParts, stampOfParts, type LogParts } from './log-parts.ts'

/** Searched backwards for the last lines; longer ones are cut. */
const TAIL_LIMIT = 16 * 1024 * 1024
const PIECE = 64 * 1024
const NEWLINE = 0x0a

export interface Piece {
  readonly offset: number
  readonly bytes: Buffer
}

interface Part {
  /** Absent: the live part. */
  readonly path?: string
  readonly first: number
  readonly end: number
}

interface Layout {
  readonly stamp: string
  readonly parts: LogParts
  /** Rising; the live part is the last one, as far as it reached. */
  readonly all: readonly [...Part[], Part]
}

/** How long a log is. */
export interface LogEnd {
  /** Bytes. */
  readonly offset: number
  /** When it was written last; wall clock, ms. */
  readonly writtenMs: number
}

export class LogReader {
  readonly #logPath: string
  readonly #live: FileHandle
  #layout: Layout | undefined
  #archive: { readonly path: string; readonly file: FileHandle } | undefined

  private constructor(logPath: string, live: FileHandle) {
    this.#logPath = logPath
    this.#live = live
  }

  /** Undefined while it is not there: a run that is being started has written nothing. */
  static async open(logPath: string): Promise<LogReader | undefined> {
    const live = await openIfThere(logPath)
    return live === undefined ? undefined : new LogReader(logPath, live)
  }

  end(): LogEnd {
    const { size, mtimeMs } = fstatSync(this.#live.fd)
    return { offset: readParts(this.#logPath, size).base + size, writtenMs: mtimeMs }
  }

  /** Up to 64 KiB from an offset on, or from the first byte behind it that is kept; no bytes at the end. */
  readFrom(offset: number): Promise<Piece> {
    return this.#read((layout) => {
      const part = layout.all.find(({ end }) => end > offset) ?? lastOf(layout)
      const start = Math.max(offset, part.first)
      // The live part may have grown meanwhile.
      return { part, start, end: part.path === undefined ? start + PIECE : Math.min(start + PIECE, part.end) }
    })
  }

  /** Up to 64 KiB that end at an offset, or at the last byte before it that is kept; no bytes at the beginning. */
  readBefore(offset: number): Promise<Piece> {
    return this.#read((layout) => {
      const part = layout.all.findLast(({ first }) => first < offset) ?? layout.all[0]
      const end = Math.max(part.first, Math.min(offset, part.end))
      return { part, start: Math.max(part.first, end - PIECE), end }
    })
  }

  /** Where the last `lines` lines before the offset `size` begin. */
  async startOfTail(lines: number, size: number): Promise<number> {
    if (lines === 0) return size
    let found = 0
    let searched = 0
    let at = size
    while (searched < TAIL_LIMIT) {
      const { offset, bytes } = await this.readBefore(at)
      if (bytes.length === 0) break
      for (let index = bytes.length - 1; index >= 0; index -= 1) {
        // The line end at the very end of the file closes the last line; it begins none.
        if (bytes[index] !== NEWLINE || offset + index === size - 1) continue
        found += 1
        if (found === lines) return offset + index + 1
      }
      searched += bytes.length
      at = offset
    }
    return at
  }

  /** Where the line of a byte begins; lines longer than 64 KiB are cut. */
  async startOfLine(at: number): Promise<number> {
    const { offset, bytes } = await this.readBefore(at)
    const newline = bytes.lastIndexOf(NEWLINE)
    return newline === -1 ? offset : offset + newline + 1
  }

  async close(): Promise<void> {
    await this.#archive?.file.close()
    await this.#live.close()
  }

  async #read(
    choose: (layout: Layout) => { readonly part: Part; readonly start: number; readonly end: number },
  ): Promise<Piece> {
    for (;;) {
      const layout = (this.#layout ??= await this.#look())
      const { part, start, end } = choose(layout)
      const file = part.path === undefined ? this.#live : await this.#openArchive(part.path)
      if (file !== undefined) {
        const shift = part.path === undefined ? layout.parts.base : part.first
        const bytes = await readRange(file, start - shift, end - shift)
        // The live part loses bytes only after they have been declared to be elsewhere.
        if (part.path !== undefined || stampOfParts(this.#logPath) === layout.stamp) return { offset: start, bytes }
      }
      this.#layout = undefined
    }
  }

  async #look(): Promise<Layout> {
    // In one turn, in which nothing moves.
    const stamp = stampOfParts(this.#logPath)
    const { size } = fstatSync(this.#live.fd)
    const parts = readParts(this.#logPath, size)
    const archives = (await listArchives(this.#logPath)).filter(({ first }) => first < parts.from)
    const moved = archives.map(({ path, first, size: length }) => ({ path, first, end: first + length }))
    return { stamp, parts, all: [...moved, { first: parts.from, end: parts.base + size }] as unknown as Layout['all'] }
  }

  async #openArchive(path: string): Promise<FileHandle | undefined> {
    if (this.#archive?.path === path) return this.#archive.file
    await this.#archive?.file.close()
    this.#archive = undefined
    const file = await openIfThere(path)
    if (file !== undefined) this.#archive = { path, file }
    return file
  }
}

function lastOf({ all }: Layout): Part {
  return all[all.length - 1] as Part
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  return open(file, 'r').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  })
}

async function readRange(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, end - start))
  const { bytesRead } = await file.read(buffer, 0, buffer.length, start)
  return buffer.subarray(0, bytesRead)
}
