/** The one form in which a Secret is shown: every value in `data`, base64. */
import type { Declared } from '@orc/schemas'

export function foldSecret<T extends Declared>(object: T): T {
  if (object.kind !== 'Secret' || object.stringData === undefined) return object
  const { stringData, ...secret } = object
  const folded = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
  return { ...secret, data: { ...object.data, ...(Object.fromEntries(folded) as Record<string, string>) } } as T
}
