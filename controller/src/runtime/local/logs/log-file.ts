/** One log as it lies on disk: where to begin, and the bytes from there on. */
import { open, type FileHandle } from 'node:fs/promises'

/** Searched backwards for the last lines; longer ones are cut. */
const TAIL_LIMIT = 16 * 1024 * 1024
const PIECE = 64 * 1024
const NEWLINE = 0x0a

/** Undefined while it is not there: a run that is being started has written nothing. */
export async function openLog(file: string): Promise<FileHandle | undefined> {
  return open(file, 'r').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  })
}

/** Up to 64 KiB from an offset; empty at the end. */
export async function readPiece(file: FileHandle, offset: number): Promise<Buffer> {
  const buffer = Buffer.alloc(PIECE)
  const { bytesRead } = await file.read(buffer, 0, PIECE, offset)
  return buffer.subarray(0, bytesRead)
}

/** Where the last `lines` lines begin. */
export async function startOfTail(file: FileHandle, size: number, lines: number): Promise<number> {
  if (lines === 0) return size
  let found = 0
  let end = size
  while (end > 0 && size - end < TAIL_LIMIT) {
    const start = Math.max(0, end - PIECE)
    const buffer = await readRange(file, start, end)
    for (let index = buffer.length - 1; index >= 0; index -= 1) {
      // The line end at the very end of the file closes the last line; it begins none.
      if (buffer[index] !== NEWLINE || start + index === size - 1) continue
      found += 1
      if (found === lines) return start + index + 1
    }
    end = start
  }
  return end
}

/** Where the line of a byte begins; lines longer than 64 KiB are cut. */
export async function startOfLine(file: FileHandle, offset: number): Promise<number> {
  const start = Math.max(0, offset - PIECE)
  const before = (await readRange(file, start, offset)).lastIndexOf(NEWLINE)
  return before === -1 ? start : start + before + 1
}

async function readRange(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const buffer = Buffer.alloc(end - start)
  const { bytesRead } = await file.read(buffer, 0, buffer.length, start)
  return buffer.subarray(0, bytesRead)
}
