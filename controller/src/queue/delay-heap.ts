/** Keys that wait for their time, each of them once; the earliest is at hand. */

interface Entry {
  readonly key: string
  dueMs: number
  /** Keys of the same time leave in the order in which they got it. */
  order: number
  index: number
}

/** A binary heap that knows where each key stands: `put` and `take` cost O(log n), `dueMs` O(1). */
export class DelayHeap {
  readonly #heap: Entry[] = []
  readonly #entries = new Map<string, Entry>()
  #order = 0

  /** When the earliest key is due. */
  get dueMs(): number | undefined {
    return this.#heap[0]?.dueMs
  }

  /** A key that waits already keeps the earlier of its two times. */
  put(key: string, dueMs: number): void {
    const known = this.#entries.get(key)
    if (known !== undefined && known.dueMs <= dueMs) return
    const entry = known ?? { key, dueMs, order: 0, index: this.#heap.length }
    entry.dueMs = dueMs
    entry.order = this.#order++
    this.#entries.set(key, entry)
    this.#rise(entry)
  }

  /** Removes and returns the earliest key, if it is due by `nowMs`. */
  take(nowMs: number): string | undefined {
    const first = this.#heap[0]
    if (first === undefined || first.dueMs > nowMs) return undefined
    this.#entries.delete(first.key)
    const last = this.#heap.pop()
    if (last !== undefined && last !== first) this.#sink(last)
    return first.key
  }

  clear(): void {
    this.#heap.length = 0
    this.#entries.clear()
  }

  #rise(entry: Entry): void {
    let index = entry.index
    while (index > 0) {
      const parent = this.#heap[(index - 1) >> 1]
      if (parent === undefined || isEarlier(parent, entry)) break
      this.#place(parent, index)
      index = (index - 1) >> 1
    }
    this.#place(entry, index)
  }

  #sink(entry: Entry): void {
    let index = 0
    for (let child = this.#earlierChild(index); child !== undefined; child = this.#earlierChild(index)) {
      if (isEarlier(entry, child)) break
      const vacated = child.index
      this.#place(child, index)
      index = vacated
    }
    this.#place(entry, index)
  }

  #earlierChild(index: number): Entry | undefined {
    const left = this.#heap[2 * index + 1]
    const right = this.#heap[2 * index + 2]
    return left !== undefined && right !== undefined && isEarlier(right, left) ? right : left
  }

  #place(entry: Entry, index: number): void {
    this.#heap[index] = entry
    entry.index = index
  }
}

function isEarlier(a: Entry, b: Entry): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order)
}
