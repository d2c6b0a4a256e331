/** How the API changes stored objects. One implementation per place where a kind is stored. */
import type { Declared, Key, KubeObject } from '@orc/schemas'

/** Why a write was refused; the API turns it into a Status. */
export type WriteRefusal =
  | { readonly reason: 'AlreadyExists' | 'NotFound' | 'Conflict' | 'Forbidden'; readonly message: string }
  | {
      readonly reason: 'Invalid'
      readonly message: string
      readonly causes: readonly { field: string; message: string }[]
    }

export type WriteResult<T = KubeObject> =
  | { readonly ok: true; readonly object: T; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly refusal: WriteRefusal }

/**
 * Writes are durable when the promise resolves, and the cache shows them by then. Writes of one object are taken one
 * after the other. Nothing here starts or stops a process: the reconcile loop does, because the object changed.
 */
export interface ObjectWriter {
  /** `object` is what the client sent, unvalidated. */
  create(object: unknown): Promise<WriteResult>

  /**
   * Reads the stored object, lets `change` say what it should be, and stores that. `change` gets the object as the API
   * shows it (with defaults and status) and may be called again when the object changed meanwhile; it returns the whole
   * new object, or a refusal. Status and server-set metadata in its answer are ignored. A change that changes nothing
   * writes nothing.
   */
  update(key: Key, change: (current: Declared) => UpdateDecision): Promise<WriteResult>

  delete(key: Key): Promise<WriteResult>
}

export type UpdateDecision =
  { readonly ok: true; readonly object: unknown } | { readonly ok: false; readonly refusal: WriteRefusal }
