/** Secrets that came through the API: one file each in the state directory, readable for the owner alone. */
import { mkdir, rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  fieldName,
  formatIssue,
  keyOfObject,
  splitKey,
  validate,
  withoutServerFields,
  type Declared,
  type Issue,
  type Key,
  type Secret,
} from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import type { Clock } from '../clock.ts'
import { Mutex } from '../mutex.ts'
import type { DeleteOptions, ObjectWriter, UpdateDecision, WriteOptions, WriteResult } from '../ports/object-writer.ts'
import { writeDurably } from './durable-file.ts'
import { readJsonFiles } from './json-files.ts'
import { foldSecret } from './secret.ts'

export class SecretStore implements ObjectWriter {
  readonly #directory: string
  readonly #cache: Cache
  readonly #clock: Clock
  readonly #keys = new Set<Key>()
  readonly #mutex = new Mutex()

  /** `directory` = `<state>/secrets`, mode 0700. */
  constructor(directory: string, cache: Cache, clock: Clock) {
    this.#directory = directory
    this.#cache = cache
    this.#clock = clock
  }

  load(onBroken: (file: string, error: unknown) => void): void {
    readJsonFiles<Secret>(
      this.#directory,
      (secret) => {
        this.#keys.add(keyOfObject(secret))
        this.#cache.put(secret)
      },
      onBroken,
    )
  }

  has(key: Key): boolean {
    return this.#keys.has(key)
  }

  create(object: unknown, { dryRun = false }: WriteOptions = {}): Promise<WriteResult> {
    return this.#mutex.run(async () => {
      const checked = check(object)
      if (!checked.ok) return checked.result
      const key = keyOfObject(checked.secret)
      if (this.#cache.get(key) !== undefined)
        return {
          ok: false,
          refusal: { reason: 'AlreadyExists', message: `Secret ${checked.secret.metadata.name} already exists` },
        }
      const created = withMetadata(checked.secret, {
        uid: randomUUID(),
        creationTimestamp: new Date(this.#clock.wallMs()).toISOString(),
        generation: 1,
      })
      return dryRun ? { ok: true, object: created, warnings: [] } : this.#save(key, created)
    })
  }

  update(
    key: Key,
    change: (current: Declared) => UpdateDecision,
    { dryRun = false }: WriteOptions = {},
  ): Promise<WriteResult> {
    return this.#mutex.run(async () => {
      const current = this.#cache.get<Secret>(key)
      if (current === undefined || !this.#keys.has(key)) return missing(key)
      const decision = change(current)
      if (!decision.ok) return { ok: false, refusal: decision.refusal }
      const checked = check(decision.object)
      if (!checked.ok) return checked.result
      if (isDeepStrictEqual(withoutServerFields(current as never), withoutServerFields(checked.secret as never)))
        return { ok: true, object: current, warnings: [] }
      const { uid = '', creationTimestamp = null, generation = 0, resourceVersion = '' } = current.metadata
      const changed = withMetadata(checked.secret, { uid, creationTimestamp, generation: generation + 1 })
      if (dryRun) return { ok: true, object: withMetadata(changed, { resourceVersion }), warnings: [] }
      return this.#save(key, changed)
    })
  }

  delete(key: Key, { dryRun = false, check: refuse = () => undefined }: DeleteOptions = {}): Promise<WriteResult> {
    return this.#mutex.run(async () => {
      const current = this.#cache.get<Secret>(key)
      if (current === undefined || !this.#keys.has(key)) return missing(key)
      const refusal = refuse(current)
      if (refusal !== undefined) return { ok: false, refusal }
      if (dryRun) return { ok: true, object: current, warnings: [] }
      await rm(this.#fileOf(key), { force: true })
      this.#keys.delete(key)
      this.#cache.delete(key)
      return { ok: true, object: current, warnings: [] }
    })
  }

  async #save(key: Key, stored: Secret): Promise<WriteResult> {
    const file = this.#fileOf(key)
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    await writeDurably(file, `${JSON.stringify(stored)}\n`, 0o600)
    this.#keys.add(key)
    return { ok: true, object: this.#cache.put(stored), warnings: [] }
  }

  /** Names are checked words: no part of the path can leave the directory. */
  #fileOf(key: Key): string {
    const { namespace, name } = splitKey(key)
    return path.join(this.#directory, namespace, `${name}.json`)
  }
}

function withMetadata(secret: Secret, metadata: Partial<Secret['metadata']>): Secret {
  return { ...secret, metadata: { ...secret.metadata, ...metadata } }
}

function check(object: unknown): { ok: true; secret: Secret } | { ok: false; result: WriteResult } {
  const checked = validate(object)
  if (checked.ok && checked.object.kind === 'Secret') return { ok: true, secret: foldSecret(checked.object) }
  const issues: readonly Issue[] = checked.ok ? [] : checked.issues
  const message = checked.ok ? 'this is not a Secret' : issues.map(formatIssue).join('; ')
  const causes = issues.map((issue) => ({ field: fieldName(issue.path), message: issue.message }))
  return { ok: false, result: { ok: false, refusal: { reason: 'Invalid', message, causes } } }
}

function missing(key: Key): WriteResult {
  return {
    ok: false,
    refusal: { reason: 'NotFound', message: `secrets ${JSON.stringify(splitKey(key).name)} not found` },
  }
}
