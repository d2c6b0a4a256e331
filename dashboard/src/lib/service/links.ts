/** Where else a service is shown. Pure. */

export interface ServiceName {
  readonly namespace: string
  readonly name: string
}

/** Its log, at a moment where there is one to look at. */
export function logHref({ namespace, name }: ServiceName, atMs?: number): string {
  const query = new URLSearchParams({ service: `${namespace}/${name}` })
  if (atMs !== undefined) query.set('at', new Date(atMs).toISOString())
  return `/logs?${query.toString()}`
}
