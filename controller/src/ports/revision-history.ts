/** How the API reads which revisions of services are remembered. */

export interface RememberedRevision {
  readonly namespace: string
  readonly service: string
  readonly serviceUid: string
  /** Of the revision as an object; the same each time it comes into force. */
  readonly name: string
  readonly uid: string
  /** Rises each time a revision of the service comes into force, from 1. */
  readonly number: number
  /** Hash of the run-relevant fields. */
  readonly revision: string
  /** RFC 3339; when it came into force last. */
  readonly createdAt: string
  readonly isProven: boolean
  /** Why it was rejected, as a sentence. */
  readonly rejection?: { readonly message: string }
  /** The whole spec; must not be changed. */
  readonly spec: object
}

export interface RevisionHistory {
  /** Sorted by namespace, service and number. */
  remembered(namespace?: string): readonly RememberedRevision[]
}
