/** Whether what is shown is being kept fresh, for one collection and for all of them together. Pure. */

export type Link =
  | { readonly type: 'Connecting' }
  | { readonly type: 'Live' }
  | {
      readonly type: 'Broken'
      readonly sinceMs: number
      readonly retryAtMs: number
      /** What went wrong, as a sentence without its full stop. */
      readonly problem: string
      /** Whether there is an older picture to go on showing. */
      readonly hasPicture: boolean
    }

/** The worst of all: broken since the first broke, and tried again as soon as one is. */
export function combineLinks(links: readonly Link[]): Link {
  const broken = links.filter((link) => link.type === 'Broken')
  const [first] = broken.toSorted((a, b) => a.sinceMs - b.sinceMs)
  if (first !== undefined) {
    return {
      ...first,
      retryAtMs: Math.min(...broken.map(({ retryAtMs }) => retryAtMs)),
      hasPicture: links.every((link) => link.type === 'Live' || (link.type === 'Broken' && link.hasPicture)),
    }
  }
  return links.find(({ type }) => type === 'Connecting') ?? { type: 'Live' }
}

export interface Failure {
  readonly problem: string
  readonly nowMs: number
  readonly retryInMs: number
}

/** Broken since the first failure, however often it is tried meanwhile. */
export function breakLink(link: Link, { problem, nowMs, retryInMs }: Failure): Link {
  const before = link.type === 'Broken' ? link : { sinceMs: nowMs, hasPicture: link.type === 'Live' }
  return {
    type: 'Broken',
    sinceMs: before.sinceMs,
    hasPicture: before.hasPicture,
    retryAtMs: nowMs + retryInMs,
    problem,
  }
}
