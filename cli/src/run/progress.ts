/** One line that is written over as things go on. Only a terminal gets it: a file would keep every state of it. */
import type { Writable } from 'node:stream'
import { isTerminal } from '../orc-context.ts'
import { plainLine } from '../printers/plain.ts'

export class Progress {
  readonly #stream: Writable
  readonly #isShown: boolean

  constructor(stream: Writable) {
    this.#stream = stream
    this.#isShown = isTerminal(stream)
  }

  say(message: string): void {
    if (!this.#isShown) return
    const { columns = 80 } = this.#stream as { columns?: number }
    // A line that wraps could not be written over.
    this.#stream.write(`\r\u001b[K${plainLine(message).slice(0, columns - 1)}`)
  }

  end(): void {
    if (this.#isShown) this.#stream.write('\r\u001b[K')
  }
}
