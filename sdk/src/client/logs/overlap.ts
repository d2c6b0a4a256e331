/**
 * Where a log that is read a second time goes beyond what was read before. The log is read again from a time a little
 * before the last line, so it begins with lines that are known; only from their texts can one tell how many. Pure.
 */
import type { StampedLine } from './history.ts'

export class Overlap {
  readonly #history: readonly string[]
  readonly #certain: number
  readonly #lines: StampedLine[] = []
  /** Places in the lines where the history may begin; below 0 when the lines begin within the history. */
  #open: number[] = []
  #found: number | undefined

  /**
   * `history`: the last lines that were read before, oldest first; at least one. `certain`: so many of its last lines are
   * read again if it is the same log at all. A process that was started anew may begin as the old one ended.
   */
  constructor(history: readonly string[], certain = 1) {
    this.#history = history
    this.#certain = certain
  }

  push(line: StampedLine): void {
    const at = this.#lines.length
    this.#lines.push(line)
    const starts = at === 0 ? this.#starts() : [...this.#open, at]
    this.#open = starts.filter((start) => this.#history[at - start] === line.text)
    const last = this.#history.length - 1
    const ended = this.#open.filter((start) => at - start === last)
    this.#open = this.#open.filter((start) => at - start < last)
    // Of several the longest: where lines repeat, what is read again is more likely than what is new.
    const [best] = ended.toSorted((a, b) => Math.abs(a) - Math.abs(b))
    if (best !== undefined && (this.#found === undefined || this.#found < 0)) this.#found = best
  }

  #starts(): number[] {
    const most = this.#history.length - this.#certain
    return Array.from({ length: most + 1 }, (_, index) => index - most)
  }

  /** No further line can change what is known from here on. */
  get isDecided(): boolean {
    const found = this.#found
    return found !== undefined && !this.#open.some((start) => start > found && start <= 0)
  }

  get isFound(): boolean {
    return this.#found !== undefined
  }

  /** The lines after those that are known; all of them when none is. */
  fresh(): readonly StampedLine[] {
    return this.#found === undefined ? this.#lines : this.#lines.slice(this.#found + this.#history.length)
  }
}
