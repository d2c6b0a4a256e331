/** Where each row of a long list stands: all are equally high, but for a few that were opened. Pure. */

export interface TallRow {
  readonly index: number
  /** How much higher than the others. */
  readonly extraPx: number
}

export class RowLayout {
  readonly #count: number
  readonly #rowPx: number
  readonly #tall: readonly TallRow[]

  constructor(count: number, rowPx: number, tall: readonly TallRow[] = []) {
    this.#count = count
    this.#rowPx = rowPx
    this.#tall = tall.toSorted((a, b) => a.index - b.index)
  }

  get heightPx(): number {
    return this.topOf(this.#count)
  }

  topOf(index: number): number {
    let topPx = index * this.#rowPx
    for (const row of this.#tall) {
      if (row.index >= index) break
      topPx += row.extraPx
    }
    return topPx
  }

  /** Of the row that covers the height; the last one below the end. */
  indexAt(topPx: number): number {
    let abovePx = 0
    for (const { index, extraPx } of this.#tall) {
      const startPx = index * this.#rowPx + abovePx
      if (topPx < startPx + this.#rowPx) break
      if (topPx < startPx + this.#rowPx + extraPx) return index
      abovePx += extraPx
    }
    const index = Math.floor((topPx - abovePx) / this.#rowPx)
    return Math.max(0, Math.min(index, this.#count - 1))
  }
}
