/** Finds lines by their words, whatever their capitals; a block that was searched is not searched again. Pure. */
import { plainOf } from './ansi.ts'
import type { Block, LineStore } from './line-store.ts'

export class LineSearch {
  readonly query: string
  readonly #pattern: RegExp
  /** Places in the block. */
  readonly #found = new WeakMap<Block, readonly number[]>()

  constructor(query: string) {
    this.query = query
    this.#pattern = new RegExp(literalOf(query), 'iu')
  }

  /** Goes on until all is searched or `isLate` says to stop; whether all is searched. */
  advance(store: LineStore, isLate: () => boolean): boolean {
    for (const block of store.blocks) {
      if (this.#found.has(block)) continue
      if (isLate()) return false
      this.#placesIn(block)
    }
    return true
  }

  /** Lines that were found so far. */
  count(store: LineStore): number {
    return store.blocks.reduce((count, block) => count + (this.#found.get(block)?.length ?? 0), 0)
  }

  /** Which of those found it is, from 1: the last one at or before the index. */
  ordinalOf(store: LineStore, index: number): number {
    let count = 0
    for (const [at, block] of store.blocks.entries()) {
      const start = store.startOf(at)
      if (start > index) break
      count += this.#placesIn(block).filter((place) => start + place <= index).length
    }
    return count
  }

  /** Index of the next one after, or before, an index; round the end; undefined when there is none at all. */
  next(store: LineStore, from: number, step: 1 | -1): number | undefined {
    const blocks = store.blocks
    const indexes = function* (search: LineSearch): Generator<number> {
      for (let n = 0; n < blocks.length; n += 1) {
        const at = step === 1 ? n : blocks.length - 1 - n
        const places = search.#placesIn(blocks[at]!)
        for (const place of step === 1 ? places : places.toReversed()) yield store.startOf(at) + place
      }
    }
    let first: number | undefined
    for (const index of indexes(this)) {
      first ??= index
      if (step === 1 ? index > from : index < from) return index
    }
    return first
  }

  #placesIn(block: Block): readonly number[] {
    const known = this.#found.get(block)
    if (known !== undefined) return known
    const places = block.flatMap(({ text, mark }, at) =>
      mark === undefined && this.#pattern.test(plainOf(text)) ? [at] : [],
    )
    this.#found.set(block, places)
    return places
  }
}

export interface Segment {
  readonly text: string
  readonly isHit: boolean
}

/** The text in parts, those that were searched for and those between. */
export function hitsIn(text: string, query: string): readonly Segment[] {
  if (query === '') return [{ text, isHit: false }]
  const parts = text.split(new RegExp(`(${literalOf(query)})`, 'iu'))
  return parts.flatMap((part, at) => (part === '' ? [] : [{ text: part, isHit: at % 2 === 1 }]))
}

function literalOf(query: string): string {
  return query.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
