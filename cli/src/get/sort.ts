/** Objects by the value of one of their fields. Pure. */
import type { KubeObject } from '@orc/schemas'
import { Failure } from '../failure.ts'
import { formatValue, parseRelaxedPath, valuesAt } from '../jsonpath/index.ts'

export type Sort = (items: readonly KubeObject[]) => readonly KubeObject[]

/** Numbers by size, text so that web-10 comes after web-9; first what has no such field. */
export function sortBy(text: string): Sort {
  const path = parseRelaxedPath(text)
  return (items) => {
    const keyed = items.map((item) => ({ item, key: valuesAt(path, item)[0] }))
    if (items.length > 0 && keyed.every(({ key }) => key === undefined))
      throw new Failure(`couldn't find any field with path ${JSON.stringify(text)} in the list of objects`)
    return keyed.toSorted((a, b) => order(a.key, b.key)).map(({ item }) => item)
  }
}

function order(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return formatValue(a).localeCompare(formatValue(b), 'en', { numeric: true })
}
