/** A place in a text that is being parsed, and the sentence about what is wrong there. */
import { UsageError } from 'clipanion'

export class Cursor {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  peek(): string {
    return this.text.charAt(this.at)
  }

  /** Steps over the word if it comes next. */
  take(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false
    this.at += word.length
    return true
  }

  /** Steps over what matches here, if anything; the expression must be sticky. */
  match(expression: RegExp): string | undefined {
    expression.lastIndex = this.at
    const [found] = expression.exec(this.text) ?? []
    this.at += found?.length ?? 0
    return found
  }

  skipSpace(): void {
    this.match(/\s+/y)
  }

  expect(word: string): void {
    if (!this.take(word)) this.fail(`${JSON.stringify(word)} is missing`)
  }

  /** A text in quotes, with its escapes resolved. */
  quoted(): string | undefined {
    const quoted = this.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/suy)
    return quoted?.slice(1, -1)
  }

  fail(reason: string): never {
    const place = this.isAtEnd ? 'at the end' : `at ${JSON.stringify(this.text.slice(this.at, this.at + 20))}`
    throw new UsageError(`the JSONPath ${JSON.stringify(this.text)} cannot be read: ${reason}, ${place}`)
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

/** `\n`, `\t` and `\r`; any other character after a backslash stands for itself. */
export function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gsu, (_, character: string) => ESCAPES[character] ?? character)
}
