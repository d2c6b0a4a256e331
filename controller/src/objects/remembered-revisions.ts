/** The revisions of all services in one list, each with the name and the uid that it has as an object. */
import type { RememberedRevision, RevisionHistory } from '../ports/revision-history.ts'
import { derivedUid } from './derived-uid.ts'
import type { Revisions } from './revisions.ts'

export class RememberedRevisions implements RevisionHistory {
  readonly #revisions: Revisions

  constructor(revisions: Revisions) {
    this.#revisions = revisions
  }

  remembered(namespace?: string): readonly RememberedRevision[] {
    return this.#revisions
      .all(namespace)
      .toSorted((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name))
      .flatMap((service) =>
        service.revisions.map((revision) => ({
          ...revision,
          namespace: service.namespace,
          service: service.name,
          serviceUid: service.uid,
          name: `${service.name}-${revision.revision}`,
          uid: derivedUid(`${service.uid}/revision/${revision.revision}`),
        })),
      )
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
