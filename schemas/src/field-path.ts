/** The paths by which a service may ask about its own pod, as in the downward API of Kubernetes. */

export type FieldPath =
  { readonly field: 'name' | 'namespace' | 'uid' } | { readonly field: 'labels' | 'annotations'; readonly key: string }

/** As a person writes them. */
export const FIELD_PATHS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  "metadata.labels['KEY']",
  "metadata.annotations['KEY']",
] as const

/** Undefined for what is not known. */
export function parseFieldPath(text: string): FieldPath | undefined {
  const [, plain, map, key] = /^metadata\.(?:(name|namespace|uid)|(labels|annotations)\['([^']+)'\])$/.exec(text) ?? []
  if (plain !== undefined) return { field: plain as 'name' | 'namespace' | 'uid' }
  return map === undefined || key === undefined ? undefined : { field: map as 'labels' | 'annotations', key }
}
