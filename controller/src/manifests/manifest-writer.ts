/** Changes declared objects by changing the bytes of their files that must change, and no others. */
import { chown, link, lstat, mkdir, rename, rm, unlink } from 'node:fs/promises'
import path from 'node:path'
import {
  formatIssue,
  fieldName,
  keyOf,
  keyOfObject,
  validate,
  withoutServerFields,
  type Declared,
  type Issue,
  type Key,
  type KubeObject,
  type Secret,
} from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import { syncDirectory, temporaryNameFor, writeAndSync } from '../objects/durable-file.ts'
import type { ObjectWriter, UpdateDecision, WriteRefusal, WriteResult } from '../ports/object-writer.ts'
import type { Claim } from './directory-index.ts'
import { editDocument, removeDocument, renderDocument, type Edited } from './edit.ts'
import type { ManifestStore } from './manifest-store.ts'
import { mergeRaw } from './merge-raw.ts'
import { stampNow } from './source-file.ts'

const FILE_MODE = 0o644

export class ManifestWriter implements ObjectWriter {
  readonly #store: ManifestStore
  readonly #cache: Cache

  constructor(store: ManifestStore, cache: Cache) {
    this.#store = store
    this.#cache = cache
  }

  create(object: unknown): Promise<WriteResult> {
    const checked = validate(object)
    if (!checked.ok) return Promise.resolve(refused(invalid(checked.issues)))
    const { kind, metadata } = checked.object
    const key = keyOfObject(checked.object)
    return this.#store.mutex.run(async () => {
      if (this.#cache.get(key) !== undefined || this.#store.claims(key).length > 0)
        return no('AlreadyExists', `${kind} ${metadata.name} already exists in namespace ${metadata.namespace ?? 'default'}`)
      const file = path.join(metadata.namespace ?? 'default', `${metadata.name}.${kind.toLowerCase()}.yaml`)
      const problem = await this.#createFile(file, renderDocument(asWritten(object)))
      return problem ?? this.#reload(key, file, checked.warnings)
    })
  }

  update(key: Key, change: (current: Declared) => UpdateDecision): Promise<WriteResult> {
    return this.#store.mutex.run(async () => {
      const current = this.#cache.get<Declared>(key)
      if (current === undefined) return notFound(key)
      const decision = change(current)
      if (!decision.ok) return refused(decision.refusal)
      const checked = validate(decision.object)
      if (!checked.ok) return refused(invalid(checked.issues))
      const before = withoutServerFields(current as unknown as Record<string, unknown>)
      const found = await this.#locate(key)
      if (!found.ok) return refused(found.refusal)
      if (isPlainSecret(found.claim.document.raw))
        return no('Forbidden', `${found.claim.path} writes this Secret as stringData, which the API cannot edit. Edit the file, or use data there.`)
      const wanted = mergeRaw(found.claim.document.raw, before, checked.object)
      const edited = editDocument(found.text, found.claim.document.index, found.claim.document.raw, wanted)
      return this.#write(key, found, edited, checked.warnings)
    })
  }

  delete(key: Key): Promise<WriteResult> {
    return this.#store.mutex.run(async () => {
      const current = this.#cache.get(key)
      if (current === undefined) return notFound(key)
      if (this.#store.claims(key).length === 0) {
        // No file declares it; it was kept because nobody had said that it should go. Now somebody has.
        await this.#store.remove(key)
        return { ok: true, object: current, warnings: [] }
      }
      const found = await this.#locate(key)
      if (!found.ok) return refused(found.refusal)
      const edited = removeDocument(found.text, found.claim.document.index)
      if (!edited.ok) return no('Conflict', edited.reason)
      const problem = await this.#replaceFile(found, edited.text)
      if (problem !== undefined) return problem
      await this.#reapply(found.claim.path)
      const [other] = this.#store.claims(key)
      if (other !== undefined) return { ok: true, object: current, warnings: [`${other.path} declares it too; it stays until that file goes`] }
      await this.#store.remove(key)
      return { ok: true, object: current, warnings: [] }
    })
  }

  async #write(key: Key, found: Located, edited: Edited, warnings: readonly Issue[]): Promise<WriteResult> {
    if (!edited.ok) return no('Conflict', `${found.claim.path}: ${edited.reason}`)
    if (edited.text !== found.text) {
      const problem = await this.#replaceFile(found, edited.text)
      if (problem !== undefined) return problem
    }
    return this.#reload(key, found.claim.path, warnings)
  }

  /** The place of an object in the file as it is on the disk now: an edit that was not loaded yet is taken in first. */
  async #locate(key: Key): Promise<({ readonly ok: true } & Located) | { readonly ok: false; readonly refusal: WriteRefusal }> {
    const conflict = (message: string) => ({ ok: false as const, refusal: { reason: 'Conflict' as const, message } })
    const [recorded] = this.#store.claims(key)
    if (recorded === undefined) return conflict('No file declares it at the moment; orc waits for the file to come back or for the removal to be certain. Try again in a few seconds.')
    const file = recorded.path
    const now = await this.#store.read(file)
    await this.#store.apply(file, now.entry)
    const claim = this.#store.claims(key).find((candidate) => candidate.path === file)
    if (claim === undefined) return conflict(`${file} has just been changed and declares it no more. Read the object again.`)
    const errors = [...(now.entry?.errors ?? []), ...claim.document.errors]
    if (errors.length > 0) return conflict(`${file} is not valid at the moment (line ${String(errors[0]?.line ?? 1)}: ${errors[0]?.message ?? ''}). Correct it first; nothing was written.`)
    return { ok: true, claim, text: now.text, stamp: now.stamp, mode: now.mode }
  }

  async #createFile(file: string, text: string): Promise<WriteResult | undefined> {
    const target = path.join(this.#store.root, file)
    await mkdir(path.dirname(target), { recursive: true })
    const temporary = temporaryNameFor(target)
    try {
      await writeAndSync(temporary, text, FILE_MODE)
      // A link fails where a rename would overwrite.
      await link(temporary, target)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      return no('Conflict', `the file ${file} is already there and does not declare this object. Remove or rename it.`)
    } finally {
      await rm(temporary, { force: true })
    }
    await syncDirectory(path.dirname(target))
    return undefined
  }

  /** Replaces the file unless somebody wrote it since it was read. Mode and owner stay. */
  async #replaceFile(found: Located, text: string): Promise<WriteResult | undefined> {
    const target = path.join(this.#store.root, found.claim.path)
    const temporary = temporaryNameFor(target)
    try {
      await writeAndSync(temporary, text, found.mode)
      await keepOwner(temporary, target)
      if ((await stampNow(target)) !== found.stamp)
        return no('Conflict', `${found.claim.path} was changed by somebody else at the same moment. Nothing was written; read the object again.`)
      if (text.trim() === '') await unlink(target)
      else await rename(temporary, target)
    } finally {
      await rm(temporary, { force: true })
    }
    await syncDirectory(path.dirname(target))
    return undefined
  }

  async #reapply(file: string): Promise<void> {
    await this.#store.apply(file, (await this.#store.read(file)).entry)
  }

  async #reload(key: Key, file: string, warnings: readonly Issue[]): Promise<WriteResult> {
    await this.#reapply(file)
    const object = this.#cache.get<KubeObject>(key)
    if (object === undefined) return no('Conflict', `${file} was changed by somebody else at the same moment. Read the object again.`)
    return { ok: true, object, warnings: warnings.map(formatIssue) }
  }
}

interface Located {
  readonly claim: Claim
  readonly text: string
  readonly stamp: string
  readonly mode: number
}

/** As the client sent it, without what only the server says. */
function asWritten(object: unknown): Record<string, unknown> {
  const sent = object as { metadata: { namespace?: string } }
  const written = withoutServerFields(object as Record<string, unknown>)
  const metadata = written['metadata'] as Record<string, unknown>
  if (sent.metadata.namespace === undefined) Reflect.deleteProperty(metadata, 'namespace')
  return written
}

function isPlainSecret(raw: unknown): boolean {
  return (raw as Partial<Secret>).stringData !== undefined
}

async function keepOwner(temporary: string, target: string): Promise<void> {
  const { uid, gid } = await lstat(target)
  const mine = await lstat(temporary)
  if (mine.uid !== uid || mine.gid !== gid) await chown(temporary, uid, gid).catch(() => undefined)
}

function refused(refusal: WriteRefusal): WriteResult {
  return { ok: false, refusal }
}

function no(reason: Exclude<WriteRefusal['reason'], 'Invalid'>, message: string): WriteResult {
  return refused({ reason, message })
}

function notFound(key: Key): WriteResult {
  const [kind = '', namespace = '', name = ''] = key.split('/')
  return no('NotFound', `${keyOf(kind, namespace, name)} not found`)
}

function invalid(issues: readonly Issue[]): WriteRefusal {
  return {
    reason: 'Invalid',
    message: issues.map(formatIssue).join('; '),
    causes: issues.map((issue) => ({ field: fieldName(issue.path), message: issue.message })),
  }
}
