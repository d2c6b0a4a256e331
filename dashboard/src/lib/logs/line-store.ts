/**
 * The lines of several logs in the order of their times, those of the same time as they arrived. Lines come in batches,
 * late ones too; adding costs by the batch, not by what is there. Pure.
 */
import type { Mark } from './marks.ts'

export interface LogSource {
  readonly namespace: string
  readonly service: string
  readonly pod: string
}

export interface LogLine {
  /** Rising as lines arrive. */
  readonly id: number
  readonly atMs: number
  readonly source: LogSource
  readonly text: string
  /** A start or an end of the process instead of words. */
  readonly mark?: Mark
}

/** In order, never changed once it is made: who has looked at it need not look again. */
export type Block = readonly LogLine[]

const MOST_IN_BLOCK = 2048
const SPLIT = MOST_IN_BLOCK / 2

export class LineStore {
  #blocks: Block[] = []
  /** Index of the first line of each block. */
  #starts: number[] = []
  #size = 0
  #characters = 0
  #dropped = 0

  get size(): number {
    return this.#size
  }

  get characters(): number {
    return this.#characters
  }

  /** How many were let go by `trim`. */
  get dropped(): number {
    return this.#dropped
  }

  get blocks(): readonly Block[] {
    return this.#blocks
  }

  add(batch: readonly LogLine[]): void {
    const lines = batch.toSorted(compareLines)
    for (let from = 0; from < lines.length;) {
      const at = this.#blockOf(lines[from]!)
      const next = this.#blocks[at + 1]?.[0]
      let to = from + 1
      while (to < lines.length && (next === undefined || compareLines(lines[to]!, next) < 0)) to += 1
      this.#blocks.splice(at, 1, ...split(merge(this.#blocks[at] ?? [], lines.slice(from, to))))
      from = to
    }
    for (const { text } of lines) this.#characters += text.length
    this.#size += lines.length
    this.#count()
  }

  /** Lets the oldest go, block by block, while more than that would be left. */
  trim(most: { readonly lines: number; readonly characters: number }): void {
    const isTooMuch = (): boolean => this.#size > most.lines || this.#characters > most.characters
    let first = this.#blocks[0]
    if (!isTooMuch()) return
    while (first !== undefined && this.#blocks.length > 1 && isTooMuch()) {
      this.#blocks.shift()
      this.#size -= first.length
      this.#dropped += first.length
      for (const { text } of first) this.#characters -= text.length
      first = this.#blocks[0]
    }
    this.#count()
  }

  slice(from: number, to: number): LogLine[] {
    const lines: LogLine[] = []
    let at = lastAtMost(this.#starts, from)
    for (let index = from; index < to && at < this.#blocks.length; at += 1) {
      const start = this.#starts[at] ?? 0
      const part = this.#blocks[at]?.slice(Math.max(0, index - start), to - start) ?? []
      for (const line of part) lines.push(line)
      index = start + (this.#blocks[at]?.length ?? 0)
    }
    return lines
  }

  /** Of the line, or of the first one after it if it was let go. */
  indexOf(line: Pick<LogLine, 'atMs' | 'id'>): number {
    if (this.#size === 0) return 0
    const at = this.#blockOf(line)
    const block = this.#blocks[at] ?? []
    return (this.#starts[at] ?? 0) + firstNotBefore(block, line)
  }

  /** Of the first line of that time or a later one. */
  indexAt(atMs: number): number {
    return this.indexOf({ atMs, id: -1 })
  }

  /** Of the first line of a block. */
  startOf(block: number): number {
    return this.#starts[block] ?? this.#size
  }

  /** The last block that begins at or before the line. */
  #blockOf(line: Pick<LogLine, 'atMs' | 'id'>): number {
    let low = 0
    let high = this.#blocks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (compareLines(this.#blocks[middle]![0]!, line) <= 0) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }

  #count(): void {
    let start = 0
    this.#starts = this.#blocks.map((block) => {
      start += block.length
      return start - block.length
    })
  }
}

function compareLines(a: Pick<LogLine, 'atMs' | 'id'>, b: Pick<LogLine, 'atMs' | 'id'>): number {
  return a.atMs - b.atMs || a.id - b.id
}

function merge(a: Block, b: Block): Block {
  const last = a.at(-1)
  if (last === undefined) return b
  if (compareLines(last, b[0]!) < 0) return a.concat(b)
  const lines: LogLine[] = []
  let i = 0
  for (const line of b) {
    while (i < a.length && compareLines(a[i]!, line) < 0) lines.push(a[i++]!)
    lines.push(line)
  }
  return lines.concat(a.slice(i))
}

function split(block: Block): Block[] {
  if (block.length <= MOST_IN_BLOCK) return [block]
  return Array.from({ length: Math.ceil(block.length / SPLIT) }, (_, at) => block.slice(at * SPLIT, (at + 1) * SPLIT))
}

function firstNotBefore(block: Block, line: Pick<LogLine, 'atMs' | 'id'>): number {
  let low = 0
  let high = block.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareLines(block[middle]!, line) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** Index of the last number that is not above the value; 0 when all are. */
function lastAtMost(rising: readonly number[], value: number): number {
  let low = 0
  let high = rising.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (rising[middle]! <= value) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}
