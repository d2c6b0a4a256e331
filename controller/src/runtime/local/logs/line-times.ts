/** Puts the time before each line of a log, piece by piece. */

const NEWLINE = 0x0a

export class LineTimes {
  #atLineStart = true
  readonly #timeOf: (offset: number) => number

  /** `timeOf`: when the line that begins at an offset was written, ms since the epoch. */
  constructor(timeOf: (offset: number) => number) {
    this.#timeOf = timeOf
  }

  /** `offset` is that of the piece in the log; pieces follow one another. */
  stamp(piece: Buffer, offset: number): Buffer {
    const parts: Buffer[] = []
    let start = 0
    while (start < piece.length) {
      if (this.#atLineStart) parts.push(Buffer.from(`${new Date(this.#timeOf(offset + start)).toISOString()} `))
      const newline = piece.indexOf(NEWLINE, start)
      this.#atLineStart = newline !== -1
      const end = newline === -1 ? piece.length : newline + 1
      parts.push(piece.subarray(start, end))
      start = end
    }
    return Buffer.concat(parts)
  }
}
