/** How the API changes stored objects. One implementation per place where a kind is stored. */
import type { Declared, Key, KubeObject, Manifest } from '@orc/schemas'

/** Why a write was refused; the API turns it into a Status. */
export type WriteRefusal =
  | { readonly reason: 'AlreadyExists' | 'NotFound' | 'Conflict' | 'Forbidden'; readonly message: string }
  | {
      readonly reason: 'Invalid'
      readonly message: string
      readonly causes: readonly { field: string; message: string }[]
    }

export interface WriteDone<T = KubeObject> {
  readonly ok: true
  readonly object: T
  readonly warnings: readonly string[]
  /** Names of what changed, where that is more than fields of the object. */
  readonly changed?: readonly string[]
  /** Of a try: the manifest file as the write would leave it, where the object is stored in one. */
  readonly file?: Manifest
}

export type WriteResult<T = KubeObject> = WriteDone<T> | { readonly ok: false; readonly refusal: WriteRefusal }

export interface WriteOptions {
  /**
   * Tries everything up to the write itself and answers what the write would: refusals, defaults, warnings. Nothing is
   * stored, no version is used up. A created object gets a uid that nobody will have, and no resourceVersion.
   */
  readonly dryRun?: boolean
}

export interface DeleteOptions extends WriteOptions {
  /** Asked of the object in the very step that would delete it: nothing can change between the two. */
  readonly check?: (current: KubeObject) => WriteRefusal | undefined
  /** Seconds until a process is killed that does not end by itself, from 0. For pods; what has no process ignores it. */
  readonly gracePeriodSeconds?: number
}

/**
 * Writes are durable when the promise resolves, and the cache shows them by then. Writes of one object are taken one
 * after the other. Nothing here starts or stops a process: the reconcile loop does, because the object changed.
 */
export interface ObjectWriter {
  /** `object` is what the client sent, unvalidated. */
  create(object: unknown, options?: WriteOptions): Promise<WriteResult>

  /**
   * Reads the stored object, lets `change` say what it should be, and stores that. `change` gets the object as the API
   * shows it (with defaults and status) and may be called again when the object changed meanwhile; it returns the whole
   * new object, or a refusal. Status and server-set metadata in its answer are ignored. A change that changes nothing
   * writes nothing.
   */
  update(key: Key, change: (current: Declared) => UpdateDecision, options?: WriteOptions): Promise<WriteResult>

  delete(key: Key, options?: DeleteOptions): Promise<WriteResult>
}

export type UpdateDecision =
  { readonly ok: true; readonly object: unknown } | { readonly ok: false; readonly refusal: WriteRefusal }
