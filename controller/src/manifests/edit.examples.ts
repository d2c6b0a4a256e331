/** Runs tables of readable examples: a text, what changes in its object, the text afterwards. */
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { editDocument } from './edit.ts'

export interface Example {
  readonly name: string
  readonly before: string
  /** Of the document; 0 unless said. */
  readonly index?: number
  /** By the steps of the field's path with spaces between; undefined takes the field away. */
  readonly change: Readonly<Record<string, unknown>>
  readonly after: string
}

export function testExamples(examples: readonly Example[]): void {
  test.each(examples)('$name', ({ before, index = 0, change, after }) => {
    const old = objectOf(before, index)
    const wanted = changed(old, change)
    expect(editDocument(before, index, old, wanted)).toEqual({ ok: true, text: after })
    expect(objectOf(after, index)).toEqual(wanted)
  })
}

export function objectOf(text: string, index = 0): unknown {
  return parseAllDocuments(text, { uniqueKeys: false })[index]?.toJS()
}

export function changed(object: unknown, change: Example['change']): unknown {
  const root = structuredClone(object) as Record<string, unknown>
  for (const [path, value] of Object.entries(change)) {
    const steps = path.split(' ')
    const last = steps.pop() ?? ''
    const parent = steps.reduce((at, step) => at[step] as Record<string, unknown>, root)
    if (value === undefined) Reflect.deleteProperty(parent, last)
    else parent[last] = value
  }
  return root
}

/** The text without the indentation of its first line, from the line after the backtick to the line before the last. */
export function yaml({ raw }: TemplateStringsArray): string {
  const lines = (raw[0] ?? '').split('\n').slice(1, -1)
  const indent = /^ */.exec(lines[0] ?? '')?.[0].length ?? 0
  return lines.map((line) => `${line.slice(indent)}\n`).join('')
}
