/** Objects of the cache as JSON, made once each: they are frozen, and the same one is told again and again. */
import type { KubeObject } from '@orc/schemas'

const texts = new WeakMap<object, string>()

/** `part` is an object of the cache or its metadata. What is not frozen may change and is not remembered. */
export function jsonText(part: KubeObject | KubeObject['metadata']): string {
  const known = texts.get(part)
  if (known !== undefined) return known
  const text = JSON.stringify(part)
  if (Object.isFrozen(part)) texts.set(part, text)
  return text
}

/** An object whose last field is a list of texts that are JSON already, in pieces. */
export function withList(head: Readonly<Record<string, unknown>>, field: string, items: readonly string[]): string[] {
  const start = `${JSON.stringify(head).slice(0, -1)},${JSON.stringify(field)}:[`
  return [start, ...items.flatMap((item, at) => (at === 0 ? [item] : [',', item])), ']}']
}
