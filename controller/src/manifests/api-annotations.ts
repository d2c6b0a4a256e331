/** Annotations that tools leave on objects for themselves: they belong to the API, not into the user's file. */
import type { Declared } from '@orc/schemas'

const API_ONLY =
  /^(orc\.dev\/appliedBy$|kubectl\.kubernetes\.io\/last-applied-configuration$|deployment\.kubernetes\.io\/|meta\.helm\.sh\/)/

export type Annotations = Readonly<Record<string, string>>

/** The object as its file says it, and the annotations that are kept beside it. */
export function splitAnnotations<T extends Pick<Declared, 'metadata'>>(
  object: T,
): { readonly own: T; readonly api: Annotations } {
  const { annotations } = object.metadata
  const entries = Object.entries(annotations ?? {})
  const api = entries.filter(([name]) => API_ONLY.test(name))
  if (api.length === 0) return { own: object, api: {} }
  const { annotations: _all, ...metadata } = object.metadata
  const own = entries.filter(([name]) => !API_ONLY.test(name))
  const kept = own.length > 0 ? { ...metadata, annotations: Object.fromEntries(own) } : metadata
  return { own: { ...object, metadata: kept }, api: Object.fromEntries(api) }
}
