/** Writes objects as YAML in the many ways people do, and says of every line and comment to which field it belongs. */
import { isFields } from './edit-equal.ts'

export type Path = readonly (string | number)[]

export interface WrittenLine {
  readonly text: string
  /** The field or item that the line is part of; `[]` = the document. */
  readonly owner: Path
  /** The value in brackets that the line is part of, maybe with others. */
  readonly flow?: Path
  /** The outermost list item whose dash stands on this line before what the line says. */
  readonly item?: Path
  /** A comment of its own text, on the line or all of it. */
  readonly comment?: string
  /** The comment stands among the fields of its owner and belongs to none of them. */
  readonly isInside?: true
  /** The line is text of a block scalar: what follows must not look like more of it. */
  readonly form?: 'literal' | 'keep'
}

/** Choices are numbers, small ones simple, so that fast-check finds simple counterexamples. */
export class Writer {
  readonly lines: WrittenLine[] = []
  readonly #choices: readonly number[]
  #at = 0
  #comments = 0
  readonly #step: number
  readonly #dash: number

  constructor(choices: readonly number[]) {
    this.#choices = choices
    this.#step = [2, 4, 3][this.#pick(3)] ?? 2
    this.#dash = [0, 2, this.#step][this.#pick(3)] ?? 0
  }

  /** Fields one below the other. The first may stand behind the dash of `item`, whose line is begun with `lead`. */
  writeFields(fields: object, column: number, path: Path, lead?: string, item?: Path): void {
    for (const [at, [key, value]] of Object.entries(fields).entries()) {
      const owner = [...path, key]
      const isCompact = at === 0 && lead !== undefined
      // What stands above the first field of a document is the head of the file.
      if (!isCompact) this.#above(column, path, path.length === 0 && at === 0 ? [] : owner)
      const head = `${isCompact ? lead : ' '.repeat(column)}${this.#key(key)}:`
      this.#value(value, head, column, owner, { step: this.#step, dash: this.#dash }, isCompact ? item : undefined)
      this.#below(value, column, owner)
    }
  }

  writeItems(items: readonly unknown[], column: number, path: Path, lead?: string, item?: Path): void {
    for (const [at, value] of items.entries()) {
      const owner = [...path, at]
      const isCompact = at === 0 && lead !== undefined
      if (!isCompact) this.#above(column, path, owner)
      const head = `${isCompact ? lead : ' '.repeat(column)}-`
      const gap = ' '.repeat(1 + (this.#pick(8) === 7 ? 2 : 0))
      const compact = this.#pick(5) !== 4 && !this.#isFlow(value)
      const outer = isCompact ? item : owner
      const inner = column + 1 + gap.length
      if (compact && isFields(value) && Object.keys(value).length > 0)
        this.writeFields(value, inner, owner, head + gap, outer)
      else if (compact && Array.isArray(value) && value.length > 0)
        this.writeItems(value, inner, owner, head + gap, outer)
      else this.#value(value, head, column, owner, { step: 2, dash: 2 }, isCompact ? item : undefined)
    }
  }

  #flowNext = false
  #isFlow(value: unknown): boolean {
    const isNested = isFields(value) ? Object.keys(value).length > 0 : Array.isArray(value) && value.length > 0
    this.#flowNext = isNested && this.#pick(4) === 3
    return this.#flowNext
  }

  #value(
    value: unknown,
    head: string,
    column: number,
    owner: Path,
    indent: { step: number; dash: number },
    item: Path | undefined,
  ): void {
    const isFlow = this.#flowNext || this.#isFlow(value)
    this.#flowNext = false
    const base = { owner, ...(item && { item }) }
    if (isFlow) return this.#flowLines(value, head, column, owner, base)
    if (isFields(value) && Object.keys(value).length > 0) {
      this.#line(base, head)
      return this.writeFields(value, column + indent.step, owner)
    }
    if (Array.isArray(value) && value.length > 0) {
      this.#line(base, head)
      return this.writeItems(value, column + indent.dash, owner)
    }
    const [first, ...rest] = this.#scalar(value, column)
    const text = first === '' ? head : `${head}${' '.repeat(1 + (this.#pick(9) === 8 ? 3 : 0))}${first}`
    const isText = /^[|>][-+]?$/.test(first ?? '')
    if (rest.length > 0 && !isText) this.lines.push({ ...base, text })
    else this.#line(base, text)
    const form = first?.endsWith('+') === true ? 'keep' : 'literal'
    for (const line of rest)
      this.lines.push({ owner, text: line === '' ? '' : ' '.repeat(column + 2) + line, ...(isText && { form }) })
  }

  /** A value in brackets, on one line or with a line for each entry. */
  #flowLines(value: unknown, head: string, column: number, owner: Path, base: Omit<WrittenLine, 'text'>): void {
    const isList = Array.isArray(value)
    const parts = isList
      ? value.map((item, at) => [at, this.#flowText(item)] as const)
      : Object.entries(value as object).map(
          ([key, item]) => [key, `${this.#key(key)}: ${this.#flowText(item)}`] as const,
        )
    const [open, close] = isList ? '[]' : '{}'
    const flow = owner
    if (this.#pick(4) !== 3) {
      const pad = this.#pick(2) === 1 ? ' ' : ''
      const comma = this.#pick(6) === 5 ? ',' : ''
      const inside = parts.map(([, text]) => text).join(this.#pick(6) === 5 ? ',  ' : ', ')
      return this.#line({ ...base, flow }, `${head} ${open}${pad}${inside}${comma}${pad}${close}`)
    }
    this.#line({ ...base, flow }, `${head} ${open}`)
    const endsWithComma = this.#pick(2) === 1
    for (const [nth, [step, text]] of parts.entries()) {
      const comma = nth < parts.length - 1 || endsWithComma ? ',' : ''
      this.#line({ owner: [...owner, step], flow }, `${' '.repeat(column + 3)}${text}${comma}`)
    }
    this.#line({ owner, flow }, `${' '.repeat(column + 1)}${close}`)
  }

  #flowText(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map((item) => this.#flowText(item)).join(', ')}]`
    if (!isFields(value)) return this.#inline(value, true)
    return `{${Object.entries(value)
      .map(([key, field]) => `${this.#key(key)}: ${this.#flowText(field)}`)
      .join(', ')}}`
  }

  /** Blank lines and comments above an entry; a comment with a blank line below it belongs to nobody. */
  #above(column: number, parent: Path, owner: Path): void {
    const choice = this.#pick(10)
    if (choice >= 8 && this.lines.at(-1)?.form !== 'keep') this.lines.push({ text: '', owner: parent })
    if (choice === 7) {
      this.#comment(column, parent, { isInside: true })
      this.lines.push({ text: '', owner: parent })
    }
    if (choice === 5 || choice === 9) this.#comment(column, owner)
    if (choice === 5) this.#comment(column, owner)
  }

  /** A comment further right than an entry is the entry's own, unless an entry within it stands as far left. */
  #below(value: unknown, column: number, owner: Path): void {
    if (this.#pick(12) !== 11 || this.lines.at(-1)?.form !== undefined) return
    const isNested = typeof value === 'object' && value !== null && Object.keys(value).length > 0
    if (!isNested) this.#comment(column + 1 + this.#pick(3), owner)
    else if (!Array.isArray(value) || this.#dash > 0) this.#comment(column + 1, owner)
  }

  #comment(column: number, owner: Path, more: { isInside?: true } = {}): void {
    const comment = this.#nextComment()
    this.lines.push({ text: `${' '.repeat(column)}${comment}`, owner, comment, ...more })
  }

  #line(base: Omit<WrittenLine, 'text'>, text: string): void {
    if (this.#pick(4) !== 3) this.lines.push({ ...base, text })
    else {
      const comment = this.#nextComment()
      this.lines.push({ ...base, text: `${text}${' '.repeat(1 + this.#pick(3))}${comment}`, comment })
    }
  }

  #nextComment(): string {
    this.#comments += 1
    return `# c${String(this.#comments)}, [x]: {y} 'z" .`
  }

  #key(key: string): string {
    return /^(?!null$|on$)[A-Za-z_][\w./-]*$|^[1-9]\d{0,5}$/.test(key) ? key : JSON.stringify(key)
  }

  #scalar(value: unknown, column: number): string[] {
    if (value === null) return [['', 'null', '~'][this.#pick(3)] ?? '']
    if (typeof value !== 'string') return [JSON.stringify(value)]
    const choice = this.#pick(3)
    if (choice !== 2 && isLiteral(value)) return literal(value)
    const words = value.split(' ')
    if (choice === 2 && column >= 0 && /^[A-Za-z]+( [A-Za-z]+)+$/.test(value)) return words
    if (choice === 1 && /^[A-Za-z]+( [A-Za-z]+)+\n$/.test(value)) return ['>', ...value.trimEnd().split(' ')]
    return [this.#inline(value, false)]
  }

  #inline(value: unknown, inFlow: boolean): string {
    if (value === null && inFlow) return 'null'
    if (typeof value !== 'string') return JSON.stringify(value)
    const choice = this.#pick(3)
    if (choice === 0 && /^(?!(null|true|false|on|yes)$)[A-Za-z][\w./-]*( \w+)*$/.test(value)) return value
    if (choice === 1 && /^[\x20-\x7e]*$/.test(value)) return `'${value.replaceAll("'", "''")}'`
    return JSON.stringify(value)
  }

  #pick(count: number): number {
    const choice = this.#choices[this.#at % this.#choices.length] ?? 0
    this.#at += 1
    return choice % count
  }
}

function isLiteral(value: string): boolean {
  return /\n/.test(value) && /^[\x21-\x7e]/.test(value) && !/[^\n\x20-\x7e]|\n +(\n|$)/.test(value)
}

function literal(value: string): string[] {
  const text = value.replace(/\n+$/, '')
  const breaks = value.length - text.length
  const header = ['|-', '|'][breaks] ?? '|+'
  return [header, ...text.split('\n'), ...Array.from({ length: Math.max(0, breaks - 1) }, () => '')]
}
