/** Lets through the lines that are asked for, as they come in pieces, with so much memory as one long line takes. */
import { LOG_LEVELS, type LogLevel } from '../../../ports/pod-logs.ts'
import type { Piece } from './log-reader.ts'

export interface WantedLines {
  /** Found in the line as it is. */
  readonly grep?: string
  /** Of JSON lines that are as grave as this, or graver. */
  readonly level?: LogLevel
  /** Lines that begin before this offset. */
  readonly untilOffset: number
}

/** Longer lines are judged by their beginning. */
const LONGEST = 64 * 1024
const NEWLINE = 0x0a
const BRACE = 0x7b

/** What the loggers of the world call their levels. */
const LEVEL_NAMES: ReadonlyMap<string, LogLevel> = new Map<string, LogLevel>([
  ...LOG_LEVELS.map((level) => [level, level] as const),
  ['verbose', 'trace'],
  ['information', 'info'],
  ['notice', 'info'],
  ['warning', 'warn'],
  ['err', 'error'],
  ['critical', 'fatal'],
  ['crit', 'fatal'],
  ['alert', 'fatal'],
  ['emergency', 'fatal'],
  ['emerg', 'fatal'],
  ['panic', 'fatal'],
])

export class LineFilter {
  readonly #needle: Buffer | undefined
  readonly #leastRank: number | undefined
  readonly #untilOffset: number
  /** Of the line that has begun. */
  #parts: Buffer[] = []
  #size = 0
  #offset = 0
  /** Offset behind the last piece. */
  #next = 0
  /** Of a line that was too long to wait for its end. */
  #verdict: boolean | undefined
  #isOver = false

  constructor({ grep, level, untilOffset }: WantedLines) {
    this.#needle = grep === undefined ? undefined : Buffer.from(grep)
    this.#leastRank = level === undefined ? undefined : LOG_LEVELS.indexOf(level)
    this.#untilOffset = untilOffset
  }

  /** Nothing that comes is wanted. */
  get isOver(): boolean {
    return this.#isOver
  }

  push({ offset, bytes }: Piece): readonly Piece[] {
    // Bytes in between were deleted: what was begun does not go on here.
    const kept = offset === this.#next ? [] : this.end()
    this.#next = offset + bytes.length
    for (let start = this.#skip(bytes, 0); start < bytes.length && !this.#isOver;) {
      const newline = bytes.indexOf(NEWLINE, start)
      const end = newline === -1 ? bytes.length : newline + 1
      const part = { offset: offset + start, bytes: bytes.subarray(start, end) }
      kept.push(...this.#take(part, newline !== -1))
      start = this.#skip(bytes, end)
    }
    return kept
  }

  /** Where the first line begins that may be wanted; to search many lines at once is faster by far. */
  #skip(bytes: Buffer, start: number): number {
    if (this.#needle === undefined || this.#size > 0 || this.#verdict !== undefined) return start
    const found = bytes.indexOf(this.#needle, start)
    const before = found === -1 ? bytes.length : found
    return before <= start ? start : Math.max(start, bytes.lastIndexOf(NEWLINE, before - 1) + 1)
  }

  /** A last line without a line end. */
  end(): Piece[] {
    this.#verdict = undefined
    return this.#size === 0 ? [] : this.#judge(true)
  }

  #take(part: Piece, isEnd: boolean): Piece[] {
    if (this.#verdict !== undefined) {
      const kept = this.#verdict ? [part] : []
      if (isEnd) this.#verdict = undefined
      return kept
    }
    if (this.#size === 0) this.#offset = part.offset
    if (this.#offset >= this.#untilOffset) {
      this.#isOver = true
      return []
    }
    this.#parts.push(part.bytes)
    this.#size += part.bytes.length
    return isEnd || this.#size >= LONGEST ? this.#judge(isEnd) : []
  }

  #judge(isEnd: boolean): Piece[] {
    const [first = Buffer.alloc(0)] = this.#parts
    const line = { offset: this.#offset, bytes: this.#parts.length === 1 ? first : Buffer.concat(this.#parts) }
    const fits = this.#fits(line.bytes)
    this.#parts = []
    this.#size = 0
    this.#verdict = isEnd ? undefined : fits
    return fits ? [line] : []
  }

  #fits(line: Buffer): boolean {
    if (this.#needle !== undefined && !line.includes(this.#needle)) return false
    if (this.#leastRank === undefined) return true
    const level = levelOf(line)
    return level !== undefined && LOG_LEVELS.indexOf(level) >= this.#leastRank
  }
}

/** By a name that a logger uses. */
function parseLevel(name: string): LogLevel | undefined {
  return LEVEL_NAMES.get(name.toLowerCase())
}

/** Of a line that is a JSON object with `level`, `severity` or `levelname`: a name, or a number as pino writes it. */
function levelOf(line: Buffer): LogLevel | undefined {
  if (line[0] !== BRACE) return undefined
  let value: unknown
  try {
    const { level, severity, levelname } = JSON.parse(line.toString('utf8')) as Record<string, unknown>
    value = level ?? severity ?? levelname
  } catch {
    return undefined
  }
  if (typeof value === 'string') return parseLevel(value)
  return typeof value === 'number' ? LOG_LEVELS[Math.min(Math.floor(value / 10), LOG_LEVELS.length) - 1] : undefined
}
