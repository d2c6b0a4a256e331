/** `KEY=VALUE` and `KEY-` as changes of labels or annotations, and what they make of an object. Pure. */
import { UsageError } from 'clipanion'

export type MetadataField = 'labels' | 'annotations'

/** By key; null removes. */
export type Changes = Readonly<Record<string, string | null>>

export interface Split {
  /** What names the objects. */
  readonly words: readonly string[]
  readonly changes: Changes
}

/** The first word with `=` in it, or `-` at its end, begins the changes: no name of an object looks like that. */
export function splitChanges(args: readonly string[], noun: string): Split {
  const first = args.findIndex(isChange)
  const at = first === -1 ? args.length : first
  const stranger = args.slice(at).find((arg) => !isChange(arg))
  if (stranger !== undefined)
    throw new UsageError(`all objects must be named before the ${noun} changes: ${JSON.stringify(stranger)}`)
  const pairs = args.slice(at).map((arg) => parseChange(arg, noun))
  const twice = pairs.find(([key], index) => pairs.findIndex(([other]) => other === key) !== index)
  if (twice !== undefined) throw new UsageError(`${noun} ${JSON.stringify(twice[0])} is changed twice`)
  return { words: args.slice(0, at), changes: Object.fromEntries(pairs) }
}

function isChange(arg: string): boolean {
  return arg.includes('=') || arg.endsWith('-')
}

function parseChange(arg: string, noun: string): readonly [string, string | null] {
  const at = arg.indexOf('=')
  const key = at === -1 ? arg.slice(0, -1) : arg.slice(0, at)
  if (key === '') throw new UsageError(`${JSON.stringify(arg)} must be KEY=VALUE or KEY-, with the key of the ${noun}`)
  return [key, at === -1 ? null : arg.slice(at + 1)]
}

/** A key that has another value already. */
export function firstOverwritten(present: Readonly<Record<string, string>>, changes: Changes): string | undefined {
  return Object.keys(changes).find((key) => {
    const value = changes[key]
    return value !== null && present[key] !== undefined && present[key] !== value
  })
}

export function missingKeys(present: Readonly<Record<string, string>>, changes: Changes): readonly string[] {
  return Object.keys(changes).filter((key) => changes[key] === null && present[key] === undefined)
}

/** Whether anything would be other than it is. */
export function isChanged(present: Readonly<Record<string, string>>, changes: Changes): boolean {
  return Object.entries(changes).some(([key, value]) => (present[key] ?? null) !== value)
}
