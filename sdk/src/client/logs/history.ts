/** The last lines of a log that were shown, and from when on it must be read to go on after them. Pure. */

export interface StampedLine {
  /** RFC 3339; absent when the server gave none. */
  readonly stamp: string | undefined
  readonly text: string
}

export function splitStamp(line: string): StampedLine {
  const [head = '', stamp] = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) ?/.exec(line) ?? []
  return { stamp, text: line.slice(head.length) }
}

/** Times of lines are true to a second or so; this much more is read again, and this much is kept to compare. */
const AGAIN_MS = 4000
const CERTAIN_MS = 2000
const KEPT_MS = 10_000
const KEPT_LINES = 5000

export class History {
  #lines: { readonly atMs: number; readonly text: string }[] = []

  add({ stamp, text }: StampedLine): void {
    const atMs = stamp === undefined ? (this.#lines.at(-1)?.atMs ?? 0) : Date.parse(stamp)
    this.#lines.push({ atMs, text })
    if (this.#lines.length < KEPT_LINES * 2 && atMs - (this.#lines[0]?.atMs ?? 0) < KEPT_MS * 2) return
    this.#lines = this.#lines.filter((line) => line.atMs >= atMs - KEPT_MS).slice(-KEPT_LINES)
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0
  }

  get texts(): readonly string[] {
    return this.#lines.map(({ text }) => text)
  }

  /** How many of the last lines are read again for certain. */
  get certain(): number {
    const fromMs = (this.#lines.at(-1)?.atMs ?? 0) - CERTAIN_MS
    return this.#lines.filter(({ atMs }) => atMs >= fromMs).length
  }

  /** Undefined when it must be read from its beginning. */
  get sinceTime(): string | undefined {
    const atMs = this.#lines.at(-1)?.atMs ?? 0
    return atMs === 0 ? undefined : new Date(atMs - AGAIN_MS).toISOString()
  }
}
