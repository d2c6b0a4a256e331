/** Shows the lines of logs: of one as they come, of several whole, each after the name of its replica. */
import type { Writable } from 'node:stream'
import { write } from '../output.ts'
import type { Paint } from '../printers/colors.ts'
import { plain, PlainPieces } from '../printers/plain.ts'

export interface LineWriterOptions {
  readonly raw: boolean
  /** One paint per pod, in turn; tells their lines apart. */
  readonly paints: readonly [Paint, ...Paint[]]
  /** From the first line on. */
  readonly withNames: boolean
}

export class LineWriter {
  readonly #stdout: Writable
  readonly #options: LineWriterOptions
  readonly #pods: string[] = []
  /** Of the line that is not complete yet: what is shown of it, and how. */
  #shown = ''
  #pieces = new PlainPieces()

  constructor(stdout: Writable, options: LineWriterOptions) {
    this.#stdout = stdout
    this.#options = options
  }

  /** Names are shown as soon as there is more than one pod. */
  add(pod: string): void {
    if (!this.#pods.includes(pod)) this.#pods.push(pod)
  }

  async line(pod: string, text: string): Promise<void> {
    const { raw } = this.#options
    if (this.#hasNames) {
      const end = this.#endOfPartial()
      await write(this.#stdout, `${end}${this.#paint(pod)(`[${pod}]`)} ${raw ? text : plain(text)}\n`)
      return
    }
    const rest = text.startsWith(this.#shown) ? text.slice(this.#shown.length) : `\n${text}`
    await write(this.#stdout, `${raw ? rest : this.#pieces.push(rest) + this.#pieces.end()}\n`)
    this.#shown = ''
  }

  /** The beginning of a line, which a person may wait for. Several logs at once show whole lines alone. */
  async partial(text: string): Promise<void> {
    if (this.#hasNames || !text.startsWith(this.#shown)) return
    const rest = text.slice(this.#shown.length)
    this.#shown = text
    await write(this.#stdout, this.#options.raw ? rest : this.#pieces.push(rest))
  }

  get #hasNames(): boolean {
    return this.#options.withNames || this.#pods.length > 1
  }

  #paint(pod: string): Paint {
    const { paints } = this.#options
    return paints[this.#pods.indexOf(pod) % paints.length] ?? paints[0]
  }

  #endOfPartial(): string {
    if (this.#shown === '') return ''
    this.#shown = ''
    this.#pieces = new PlainPieces()
    return '\n'
  }
}
