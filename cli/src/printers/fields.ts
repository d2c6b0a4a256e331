/** Named values one below the other, with the values in line; lists and blocks are indented. Pure. */
import { plain, plainLine } from './plain.ts'

export type Fields = readonly (readonly [name: string, value: string | readonly string[] | undefined])[]

export interface FieldOptions {
  readonly indent?: string
  readonly raw?: boolean
}

/** A field without a value is left out; of several values each has a line of its own. */
export function formatFields(fields: Fields, { indent = '', raw = false }: FieldOptions = {}): string {
  const present = fields.flatMap(([name, value]) => {
    const values = (typeof value === 'string' ? [value] : (value ?? [])).map((each) => (raw ? each : plainLine(each)))
    return values.length === 0 ? [] : [{ name, values }]
  })
  const width = Math.max(0, ...present.map(({ name }) => name.length)) + 3
  return present
    .flatMap(({ name, values }) => values.map((value, at) => (at === 0 ? `${name}:` : '').padEnd(width) + value))
    .map((line) => `${indent}${line.trimEnd()}\n`)
    .join('')
}

/** Several lines of somebody else's text, each marked. */
export function formatQuote(text: string, { indent = '', raw = false }: FieldOptions = {}): string {
  const lines = (raw ? text : plain(text)).replace(/\n+$/, '').split('\n')
  return lines.map((line) => `${indent}| ${line}`.trimEnd() + '\n').join('')
}
