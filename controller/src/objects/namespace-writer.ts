/** Declares namespaces as other kinds are declared; one that is there because objects live in it needs no declaration. */
import { isDeepStrictEqual } from 'node:util'
import {
  DEFAULT_NAMESPACE,
  keyOfObject,
  splitKey,
  validate,
  withoutServerFields,
  type Declared,
  type Key,
  type KubeObject,
} from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import type {
  DeleteOptions,
  ObjectWriter,
  UpdateDecision,
  WriteOptions,
  WriteRefusal,
  WriteResult,
} from '../ports/object-writer.ts'
import type { Namespaces } from './namespaces.ts'

export interface NamespaceWriterOptions {
  readonly cache: Cache
  readonly namespaces: Namespaces
  /** Where declarations are stored. */
  readonly declarations: ObjectWriter
  readonly isDeclared: (key: Key) => boolean
}

export class NamespaceWriter implements ObjectWriter {
  readonly #options: NamespaceWriterOptions

  constructor(options: NamespaceWriterOptions) {
    this.#options = options
  }

  async create(object: unknown, options?: WriteOptions): Promise<WriteResult> {
    const checked = validate(object)
    if (checked.ok && this.#options.cache.get(keyOfObject(checked.object)) !== undefined)
      return no('AlreadyExists', `Namespace ${checked.object.metadata.name} already exists`)
    return active(await this.#options.declarations.create(object, options))
  }

  async update(key: Key, change: (current: Declared) => UpdateDecision, options?: WriteOptions): Promise<WriteResult> {
    const { cache, declarations, isDeclared } = this.#options
    if (isDeclared(key)) return declarations.update(key, change, options)
    const current = cache.get<Declared>(key)
    if (current === undefined) return missing(key)
    const decision = change(current)
    if (!decision.ok) return decision
    if (isDeepStrictEqual(contentOf(current), contentOf(decision.object)))
      return { ok: true, object: current, warnings: [] }
    // There is more to say of it than that objects live in it: now it needs a file.
    return active(await declarations.create(decision.object, options))
  }

  async delete(key: Key, options: DeleteOptions = {}): Promise<WriteResult> {
    const { name } = splitKey(key)
    const refuse = (current: KubeObject): WriteRefusal | undefined => options.check?.(current) ?? this.#refusalOf(name)
    const current = this.#options.cache.get(key)
    if (current === undefined) return missing(key)
    const refusal = refuse(current)
    if (refusal !== undefined) return { ok: false, refusal }
    return this.#options.declarations.delete(key, { ...options, check: refuse })
  }

  #refusalOf(name: string): WriteRefusal | undefined {
    if (name === DEFAULT_NAMESPACE) return { reason: 'Forbidden', message: 'this namespace may not be deleted' }
    const { count, words } = this.#options.namespaces.contentsOf(name)
    if (count === 0) return undefined
    const objects = count === 1 ? 'an object' : `${String(count)} objects`
    return {
      reason: 'Conflict',
      message: `it holds ${objects} (${words}). Delete ${count === 1 ? 'it' : 'them'} first; nothing was deleted`,
    }
  }
}

/** A try has no status yet, and the object that was written has. */
function active(result: WriteResult): WriteResult {
  return result.ok ? { ...result, object: { ...result.object, status: { phase: 'Active' } } as KubeObject } : result
}

function contentOf(object: unknown): unknown {
  return withoutServerFields(object as Record<string, unknown>)
}

function missing(key: Key): WriteResult {
  return no('NotFound', `namespaces ${JSON.stringify(splitKey(key).name)} not found`)
}

function no(reason: Exclude<WriteRefusal['reason'], 'Invalid'>, message: string): WriteResult {
  return { ok: false, refusal: { reason, message } }
}
