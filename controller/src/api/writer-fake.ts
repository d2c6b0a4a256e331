/** A writer for tests that keeps objects in the cache alone, and otherwise follows the contract of `ObjectWriter`. */
import { randomUUID } from 'node:crypto'
import {
  fieldName,
  formatIssue,
  isSameJson,
  keyOfObject,
  validate,
  withoutServerFields,
  type Declared,
  type Key,
  type KubeObject,
  type Manifest,
} from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import type { ManifestFiles } from '../ports/manifest-files.ts'
import type {
  DeleteOptions,
  ObjectWriter,
  UpdateDecision,
  WriteOptions,
  WriteRefusal,
  WriteResult,
} from '../ports/object-writer.ts'

type Checked = { readonly object: Declared; readonly warnings: readonly string[] } | WriteRefusal

export class FakeWriter implements ObjectWriter {
  readonly #cache: Cache

  constructor(cache: Cache) {
    this.#cache = cache
  }

  async create(sent: unknown, { dryRun = false }: WriteOptions = {}): Promise<WriteResult> {
    const checked = check(sent)
    if ('reason' in checked) return { ok: false, refusal: checked }
    const { object, warnings } = checked
    if (this.#cache.get(keyOfObject(object)) !== undefined) return no('AlreadyExists')
    const identity = { uid: randomUUID(), generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' }
    return this.#store(withMetadata(object, identity), warnings, dryRun)
  }

  async update(
    key: Key,
    change: (current: Declared) => UpdateDecision,
    { dryRun = false }: WriteOptions = {},
  ): Promise<WriteResult> {
    const current = this.#cache.get<Declared>(key)
    if (current === undefined) return no('NotFound')
    const decision = change(current)
    if (!decision.ok) return decision
    const checked = check(decision.object)
    if ('reason' in checked) return { ok: false, refusal: checked }
    const { object, warnings } = checked
    const { uid = '', creationTimestamp = null, generation = 0 } = current.metadata
    const raised = isSameJson(essence(current), essence(object)) ? generation : generation + 1
    const status = 'status' in current ? { status: current.status } : {}
    const metadata = { uid, creationTimestamp, generation: raised }
    return this.#store({ ...withMetadata(object, metadata), ...status }, warnings, dryRun)
  }

  async delete(key: Key, { dryRun = false, check: refuse }: DeleteOptions = {}): Promise<WriteResult> {
    const object = this.#cache.get(key)
    if (object === undefined) return no('NotFound')
    const refusal = refuse?.(object)
    if (refusal !== undefined) return { ok: false, refusal }
    if (!dryRun) this.#cache.delete(key)
    return { ok: true, object, warnings: [] }
  }

  #store(object: KubeObject, warnings: readonly string[], dryRun: boolean): WriteResult {
    return { ok: true, object: dryRun ? object : this.#cache.put(object), warnings }
  }
}

/** Files that are nothing but their Manifests. */
export class FakeFiles implements ManifestFiles {
  readonly #cache: Cache

  constructor(cache: Cache) {
    this.#cache = cache
  }

  withText(manifest: Manifest): Promise<Manifest> {
    return Promise.resolve({ ...manifest, spec: { ...manifest.spec, text: '# text\n', sha256: 'x' } })
  }

  async create(sent: unknown): Promise<WriteResult> {
    return { ok: true, object: this.#cache.put(sent as Manifest), warnings: [], changed: [] }
  }

  async update(key: Key, change: (current: Declared) => UpdateDecision): Promise<WriteResult> {
    const current = this.#cache.get<Declared>(key)
    if (current === undefined) return no('NotFound')
    const decision = change(current)
    return decision.ok ? { ok: true, object: current, warnings: [], changed: [] } : decision
  }

  async delete(key: Key): Promise<WriteResult> {
    const object = this.#cache.get(key)
    this.#cache.delete(key)
    return object === undefined ? no('NotFound') : { ok: true, object, warnings: [] }
  }
}

function check(sent: unknown): Checked {
  const result = validate(structuredClone(sent))
  if (result.ok) return { object: result.object, warnings: result.warnings.map(formatIssue) }
  return {
    reason: 'Invalid',
    message: result.issues.map(formatIssue).join('; '),
    causes: result.issues.map(({ path, message }) => ({ field: fieldName(path), message })),
  }
}

/** Everything but metadata and status. */
function essence(object: Declared): unknown {
  return { ...withoutServerFields(object as unknown as Record<string, unknown>), metadata: undefined }
}

function withMetadata(object: Declared, metadata: Partial<KubeObject['metadata']>): KubeObject {
  return { ...object, metadata: { ...object.metadata, ...metadata } }
}

function no(reason: 'AlreadyExists' | 'NotFound'): WriteResult {
  return { ok: false, refusal: { reason, message: reason } }
}
