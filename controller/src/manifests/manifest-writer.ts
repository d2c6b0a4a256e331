/** Changes declared objects by changing the bytes of their files that must change, and no others. */
import { link, mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  formatIssue,
  fieldName,
  keyOf,
  keyOfObject,
  validate,
  withoutServerFields,
  decode,
  type Declared,
  type DecodedDocument,
  type Issue,
  type Key,
  type KubeObject,
  type Secret,
  type Validation,
} from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import type { Log } from '../log.ts'
import { syncDirectory, temporaryNameFor, writeAndSync } from '../objects/durable-file.ts'
import type { ObjectWriter, UpdateDecision, WriteRefusal, WriteResult } from '../ports/object-writer.ts'
import { splitAnnotations } from './api-annotations.ts'
import { keyOfDocument, type Claim } from './directory-index.ts'
import { editDocument, removeDocument, renderDocument } from './edit.ts'
import type { ManifestStore } from './manifest-store.ts'
import { mergeRaw } from './merge-raw.ts'
import { replaceFile } from './replace-file.ts'

const FILE_MODE = 0o644

export class ManifestWriter implements ObjectWriter {
  readonly #store: ManifestStore
  readonly #cache: Cache

  readonly #log: Log
  /** Writes of each object that are still watched over, in their order. */
  readonly #recent = new Map<Key, readonly Edit[]>()

  constructor(store: ManifestStore, cache: Cache, log: Log) {
    this.#store = store
    this.#cache = cache
    this.#log = log
  }

  create(object: unknown): Promise<WriteResult> {
    const checked = validate(object)
    if (!checked.ok) return Promise.resolve(refused(invalid(checked.issues)))
    const { kind, metadata } = checked.object
    const key = keyOfObject(checked.object)
    return this.#exclusively(async () => {
      if (this.#cache.get(key) !== undefined || this.#store.claims(key).length > 0)
        return no(
          'AlreadyExists',
          `${kind} ${metadata.name} already exists in namespace ${metadata.namespace ?? 'default'}`,
        )
      const file = path.join(metadata.namespace ?? 'default', `${metadata.name}.${kind.toLowerCase()}.yaml`)
      const { own } = splitAnnotations(asWritten(object) as unknown as Declared)
      const problem = await this.#createFile(file, renderDocument(own))
      return problem ?? this.#reload(key, file, checked)
    })
  }

  update(key: Key, change: (current: Declared) => UpdateDecision): Promise<WriteResult> {
    return this.#exclusively(async () => {
      if (this.#cache.get(key) === undefined) return notFound(key)
      // What was saved by hand a moment ago is taken in before anybody judges what there is.
      const found = await this.#locate(key)
      if (!found.ok) return refused(found.refusal)
      const current = this.#cache.get<Declared>(key)
      if (current === undefined) return notFound(key)
      const decision = change(current)
      if (!decision.ok) return refused(decision.refusal)
      const checked = validate(decision.object)
      if (!checked.ok) return refused(invalid(checked.issues))
      const { raw } = found.claim.document
      if (isPlainSecret(raw))
        return no(
          'Forbidden',
          `${found.claim.path} writes this Secret as stringData, which the API cannot edit. Edit the file, or use data there.`,
        )
      const before = withoutServerFields(current as unknown as Record<string, unknown>) as unknown as Declared
      const wanted = mergeRaw(raw, splitAnnotations(before).own, splitAnnotations(checked.object).own)
      const edited = editDocument(found.text, found.claim.document.index, raw, wanted)
      if (!edited.ok) return no('Conflict', `${found.claim.path}: ${edited.reason}`)
      const problem = edited.text === found.text ? undefined : await this.#replace(key, found, edited.text, wanted)
      return problem ?? this.#reload(key, found.claim.path, checked)
    })
  }

  delete(key: Key): Promise<WriteResult> {
    return this.#exclusively(async () => {
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
      const problem = await this.#replace(key, found, edited.text, undefined)
      if (problem !== undefined) return problem
      await this.#reapply(found.claim.path)
      const [other] = this.#store.claims(key)
      if (other !== undefined)
        return { ok: true, object: current, warnings: [`${other.path} declares it too; it stays until that file goes`] }
      await this.#store.remove(key)
      return { ok: true, object: current, warnings: [] }
    })
  }

  /** One write after the other; a disk that cannot be written is an answer, not a fault of ours. */
  #exclusively(task: () => Promise<WriteResult>): Promise<WriteResult> {
    return this.#store.mutex.run(async () => {
      try {
        return await task()
      } catch (error) {
        const { code = '', path: file = 'the manifests' } = error as NodeJS.ErrnoException
        if (!['EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT'].includes(code)) throw error
        return no(
          'Forbidden',
          `${path.dirname(file)} cannot be written (${code}); nothing was changed. Make it writable for orc, or make room.`,
        )
      }
    })
  }

  /** The place of an object in the file as it is on the disk now: an edit that was not loaded yet is taken in first. */
  async #locate(
    key: Key,
  ): Promise<({ readonly ok: true } & Located) | { readonly ok: false; readonly refusal: WriteRefusal }> {
    const conflict = (message: string) => ({ ok: false as const, refusal: { reason: 'Conflict' as const, message } })
    const [recorded] = this.#store.claims(key)
    if (recorded === undefined)
      return conflict(
        'No file declares it at the moment; orc waits for the file to come back or for the removal to be certain. Try again in a few seconds.',
      )
    const file = recorded.path
    if (!this.#store.rootOf(file).isWritable)
      return conflict(`${file} belongs to a read-only source. Change it there; nothing was written.`)
    const now = await this.#store.root.readSettled(file, this.#store.index.get(file)?.hash)
    if (now === undefined) return conflict(`${file} is being written at the moment. Nothing was written; try again.`)
    const [error] = [
      ...(now.entry?.errors ?? []),
      ...(now.entry?.documents ?? [])
        .filter((document) => keyOfDocument(document) === key)
        .flatMap(({ errors }) => errors),
    ]
    if (error !== undefined)
      return conflict(
        `${file} is not valid at the moment (line ${String(error.line)}: ${error.message}). Correct it first; nothing was written.`,
      )
    await this.#store.apply(file, now.entry)
    const claim = this.#store.claims(key).find((candidate) => candidate.path === file)
    if (claim === undefined)
      return conflict(`${file} has just been changed and declares it no more. Read the object again.`)
    return { ok: true, claim, text: now.text, hash: now.entry?.hash ?? '', stamp: now.stamp, mode: now.mode }
  }

  async #createFile(file: string, text: string): Promise<WriteResult | undefined> {
    const target = path.resolve(this.#store.root.path, file)
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

  /** Replaces the text of the file; an edit that slipped in between reading and writing is merged. */
  async #replace(key: Key, found: Located, text: string, wanted: unknown): Promise<WriteResult | undefined> {
    const file = found.claim.path
    const edit = { file, before: found.claim.document.raw, wanted }
    if (await this.#swap(key, edit, { reading: found, text })) return undefined
    return no(
      'Conflict',
      `${file} was changed by somebody else at the same moment. Nothing was written; read the object again.`,
    )
  }

  /** False, and nothing done, when the file is not the one that was read. */
  async #swap(
    key: Key,
    edit: Edit,
    { reading, text }: { readonly reading: Reading; readonly text: string },
  ): Promise<boolean> {
    const replaced = await replaceFile({
      target: path.resolve(this.#store.root.path, edit.file),
      text: text.trim() === '' ? undefined : text,
      expectedHash: reading.hash,
      expectedStamp: reading.stamp,
      mode: reading.mode,
    })
    if (replaced.type === 'Conflict') return false
    const recent = [...(this.#recent.get(key) ?? []), edit]
    this.#recent.set(key, recent)
    if (replaced.late !== undefined) await this.#mergeLate(key, edit, replaced.late)
    void replaced.later
      .then((late) => this.#store.mutex.run(() => this.#lookLater(key, edit, late)))
      .catch((error: unknown) => {
        this.#log.error(`an edit of ${edit.file} at the moment of a write could not be merged`, error)
      })
    return true
  }

  /**
   * An editor that had read the old text may have saved since: into the old inode, or over the new file, where it takes
   * the change back without knowing. Unless the API itself took it back, the change is made once more.
   */
  async #lookLater(key: Key, edit: Edit, late: string | undefined): Promise<void> {
    if (late !== undefined) await this.#mergeLate(key, edit, late)
    const recent = this.#recent.get(key) ?? []
    const later = recent.slice(recent.indexOf(edit) + 1)
    if (later.length === 0) this.#recent.delete(key)
    else
      this.#recent.set(
        key,
        recent.filter((each) => each !== edit),
      )
    const now = await this.#store.root.read(edit.file)
    const document = now.entry?.documents.find((candidate) => keyOfDocument(candidate) === key)
    if (document === undefined || edit.wanted === undefined || isIn(edit, document.raw)) return
    const isSetBack = later.some((each) => isIn(edit, each.before) && !isIn(edit, each.wanted))
    if (!isSetBack && !isDeepStrictEqual(edit.before, edit.wanted)) await this.#mergeLate(key, edit, undefined)
  }

  /** Makes a change again on what an editor saved. Where that cannot be, the editor's text counts. */
  async #mergeLate(key: Key, edit: Edit, late: string | undefined): Promise<void> {
    const { file, before } = edit
    for (let tries = 0; tries < MERGE_TRIES; tries += 1) {
      const now = await this.#store.root.read(file)
      const current = now.entry?.documents.find((candidate) => keyOfDocument(candidate) === key)
      // What others wrote through the API since then is in the file; what the editor saved over it is its text now.
      const wanted = late === undefined ? edit.wanted : current?.raw
      const text = late ?? now.text
      const document = decode(text).documents.find((candidate) => keyOfDocument(candidate) === key)
      const merged = document === undefined ? undefined : carryOver(text, document, before, wanted)
      const reading = { hash: now.entry?.hash ?? '', stamp: now.stamp, mode: now.mode }
      const isDone =
        now.entry === undefined
          ? (await this.#createFile(file, merged ?? text)) === undefined
          : await this.#swap(key, { file, before, wanted }, { reading, text: merged ?? text })
      if (!isDone) continue
      this.#log.warn(
        merged === undefined
          ? `ConflictOnDisk: ${file} was saved by an editor while orc wrote it; the editor's text counts, the change of ${key} is lost`
          : `${file} was saved by an editor while orc wrote it; both changes were merged`,
      )
      await this.#reapply(file)
      return
    }
    this.#log.warn(`ConflictOnDisk: ${file} is saved again and again; a change of ${key} may be lost`)
  }

  async #reapply(file: string): Promise<void> {
    await this.#store.apply(file, (await this.#store.root.read(file)).entry)
  }

  async #reload(key: Key, file: string, written: Accepted): Promise<WriteResult> {
    await this.#reapply(file)
    await this.#store.setApiAnnotations(key, splitAnnotations(written.object).api)
    const object = this.#cache.get<KubeObject>(key)
    if (object === undefined)
      return no('Conflict', `${file} was changed by somebody else at the same moment. Read the object again.`)
    return { ok: true, object, warnings: written.warnings.map(formatIssue) }
  }
}

type Accepted = Extract<Validation, { ok: true }>

const MERGE_TRIES = 5

/** Whether a text of the object shows the change: taking it back would make a difference. */
function isIn({ before, wanted }: Edit, raw: unknown): boolean {
  return !isDeepStrictEqual(mergeRaw(raw, wanted, before), raw)
}

/** The file that a change was made on. */
interface Reading {
  readonly hash: string
  readonly stamp: string
  readonly mode: number
}

interface Located extends Reading {
  readonly claim: Claim
  readonly text: string
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

/** A change of one document, by which it can be made again on another text. */
interface Edit {
  readonly file: string
  readonly before: unknown
  /** Undefined = the object was removed. */
  readonly wanted: unknown
}

function carryOver(late: string, document: DecodedDocument, before: unknown, wanted: unknown): string | undefined {
  const edited =
    wanted === undefined
      ? removeDocument(late, document.index)
      : editDocument(late, document.index, document.raw, mergeRaw(document.raw, before, wanted))
  return edited.ok ? edited.text : undefined
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
