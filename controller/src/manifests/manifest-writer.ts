/** Changes declared objects by changing the bytes of their files that must change, and no others. */
import { access, constants, lstat } from 'node:fs/promises'
import path from 'node:path'
import {
  cycleSentence,
  dependencyKeys,
  findDependencyCycle,
  formatIssue,
  formatLocated,
  isAgentService,
  keyOfObject,
  validate,
  withoutServerFields,
  type AgentService,
  type Declared,
  type Key,
  type KubeObject,
  type Manifest,
  type Secret,
  type Validation,
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
import { splitAnnotations } from './api-annotations.ts'
import { keyOfDocument, type Claim } from './directory-index.ts'
import { renderDocument } from './edit.ts'
import type { FileChanges, Reading } from './file-changes.ts'
import type { ManifestStore } from './manifest-store.ts'
import { manifestKey } from './manifest-view.ts'
import { mergeRaw } from './merge-raw.ts'
import { exclusively, invalid, no, notFound, refuseReadOnly, refused, type Refused } from './refusals.ts'
import { judgeText } from './text-judgement.ts'
import { triedFile } from './tried-file.ts'

export class ManifestWriter implements ObjectWriter {
  readonly #store: ManifestStore
  readonly #cache: Cache
  readonly #files: FileChanges

  constructor(store: ManifestStore, cache: Cache, files: FileChanges) {
    this.#store = store
    this.#cache = cache
    this.#files = files
  }

  create(object: unknown, { dryRun = false }: WriteOptions = {}): Promise<WriteResult> {
    const checked = this.#validate(object)
    if (!checked.ok) return Promise.resolve(refused(invalid(checked.issues)))
    const { kind, metadata } = checked.object
    const key = keyOfObject(checked.object)
    return this.#exclusively(async () => {
      if (this.#store.has(key) || this.#store.claims(key).length > 0)
        return no(
          'AlreadyExists',
          `${kind} ${metadata.name} already exists in namespace ${metadata.namespace ?? 'default'}`,
        )
      const file = path.join(metadata.namespace ?? '', `${metadata.name}.${kind.toLowerCase()}.yaml`)
      const text = renderDocument(splitAnnotations(asWritten(object) as unknown as Declared).own)
      const problem = await this.#refuseText(key, file, text)
      if (problem !== undefined) return problem
      const isNew = dryRun ? await this.#mayCreate(file) : await this.#files.create(file, text)
      if (!isNew)
        return no(
          'Conflict',
          `the file ${file} is already there and does not declare this object. Remove or rename it.`,
        )
      return dryRun ? this.#preview(key, checked, { file, text }) : this.#reload(key, file, checked)
    })
  }

  update(
    key: Key,
    change: (current: Declared) => UpdateDecision,
    { dryRun = false }: WriteOptions = {},
  ): Promise<WriteResult> {
    return this.#exclusively(async () => {
      if (this.#cache.get(key) === undefined) return notFound(key)
      // What was saved by hand a moment ago is taken in before anybody judges what there is.
      const found = await this.#locate(key)
      if (!found.ok) return refused(found.refusal)
      const current = this.#cache.get<Declared>(key)
      if (current === undefined) return notFound(key)
      const decision = change(current)
      if (!decision.ok) return refused(decision.refusal)
      const checked = this.#validate(decision.object)
      if (!checked.ok) return refused(invalid(checked.issues))
      const edited = await this.#rewrite(key, found, { current, wanted: checked.object, dryRun })
      if (!edited.ok) return edited
      const { path: file } = found.claim
      if (dryRun) return this.#preview(key, checked, { file, text: edited.text, sha256: found.hash })
      return this.#reload(key, file, checked)
    })
  }

  delete(key: Key, { dryRun = false, check = () => undefined }: DeleteOptions = {}): Promise<WriteResult> {
    return this.#exclusively(async () => {
      if (this.#cache.get(key) === undefined) return notFound(key)
      const isDeclared = this.#store.claims(key).length > 0
      const found = isDeclared ? await this.#locate(key) : undefined
      if (found?.ok === false) return refused(found.refusal)
      const current = this.#cache.get(key)
      if (current === undefined) return notFound(key)
      const refusal = check(current)
      if (refusal !== undefined) return refused(refusal)
      const edited = found === undefined ? undefined : await this.#removeFrom(found, key, dryRun)
      if (edited?.ok === false) return edited
      const preview = dryRun ? await this.#previewRemoval(found, edited) : {}
      const [other] = this.#store.claims(key).filter(({ document }) => document !== found?.claim.document)
      if (other !== undefined)
        return {
          ok: true,
          object: current,
          warnings: [`${other.path} declares it too; it stays until that file goes`],
          ...preview,
        }
      // What no file declares was kept because nobody had said that it should go. Now somebody has.
      if (!dryRun) await this.#store.remove(key)
      return { ok: true, object: current, warnings: [], ...preview }
    })
  }

  /** Together with what is declared already. */
  #validate(object: unknown): Validation {
    const checked = validate(object)
    if (!checked.ok || !isAgentService(checked.object)) return checked
    const wanted = checked.object
    const key = keyOfObject(wanted)
    const cycle = findDependencyCycle(key, (other) => {
      const service = other === key ? wanted : this.#cache.get<AgentService>(other)
      return service === undefined ? [] : dependencyKeys(service)
    })
    if (cycle === undefined) return checked
    return { ok: false, issues: [{ path: ['spec', 'dependsOn'], at: 'value', message: cycleSentence(cycle) }] }
  }

  /** The file says what is wanted; of a try, the text is what it would say. */
  async #rewrite(
    key: Key,
    found: Located,
    { current, wanted, dryRun }: { current: Declared; wanted: Declared; dryRun: boolean },
  ): Promise<Edited> {
    const { path: file, document } = found.claim
    if (isPlainSecret(document.raw))
      return no(
        'Forbidden',
        `${file} writes this Secret as stringData, which the API cannot edit. Edit the file, or use data there.`,
      )
    const before = withoutServerFields(current as unknown as Record<string, unknown>) as unknown as Declared
    const after = mergeRaw(document.raw, splitAnnotations(before).own, splitAnnotations(wanted).own)
    const edited = await this.#store.root.edit(found.text, document.index, document.raw, after)
    if (!edited.ok) return no('Conflict', `${file}: ${edited.reason}`)
    if (edited.text === found.text) return edited
    const problem = await this.#refuseText(key, file, edited.text)
    if (problem !== undefined) return problem
    if (dryRun) await this.#checkDirectory(file)
    return dryRun ? edited : ((await this.#replace(key, found, edited.text, after)) ?? edited)
  }

  /** The file declares it no more; of a try, the text is what it would say. */
  async #removeFrom(found: Located, key: Key, dryRun: boolean): Promise<Edited> {
    const { path: file, document } = found.claim
    const edited = await this.#store.root.remove(found.text, document.index)
    if (!edited.ok) return no('Conflict', edited.reason)
    if (dryRun) {
      await this.#checkDirectory(file)
      return edited
    }
    const problem = await this.#replace(key, found, edited.text, undefined)
    if (problem === undefined) await this.#files.reapply(file)
    return problem ?? edited
  }

  async #replace(key: Key, found: Located, text: string, wanted: unknown): Promise<Refused | undefined> {
    const file = found.claim.path
    const edit = { file, before: found.claim.document.raw, wanted }
    if (await this.#files.replace(key, edit, { reading: found, text })) return undefined
    return no(
      'Conflict',
      `${file} was changed by somebody else at the same moment. Nothing was written; read the object again.`,
    )
  }

  /** A text that could not be loaded is not written in the first place. */
  async #refuseText(key: Key, file: string, text: string): Promise<Refused | undefined> {
    const { errors, documents } = await this.#store.root.decode(text)
    const own = documents.filter((document) => keyOfDocument(document) === key)
    const [error] = [...errors, ...own.flatMap((document) => document.errors)]
    if (error !== undefined)
      return no(
        'Conflict',
        `the file could not be loaded any more: ${formatLocated(file, error)}; nothing was written.`,
      )
    return own.length > 0 ? undefined : no('Conflict', `${file} would not declare it; nothing was written.`)
  }

  /** Throws what the write would throw where the user may not write. */
  async #checkDirectory(file: string): Promise<void> {
    await access(path.dirname(path.resolve(this.#store.root.path, file)), constants.W_OK)
  }

  async #mayCreate(file: string): Promise<boolean> {
    const target = path.resolve(this.#store.root.path, file)
    if ((await lstat(target).catch(() => undefined)) !== undefined) return false
    const isThere = (directory: string): Promise<boolean> =>
      lstat(directory).then(
        () => true,
        () => false,
      )
    let directory = path.dirname(target)
    while (!(await isThere(directory))) directory = path.dirname(directory)
    await access(directory, constants.W_OK)
    return true
  }

  async #preview(key: Key, { object, warnings }: Accepted, text: FileText): Promise<WriteResult> {
    const file = await this.#fileAfter(text)
    return { ok: true, object: this.#store.preview(key, object), warnings: warnings.map(formatIssue), file }
  }

  async #previewRemoval(found: Located | undefined, edited: Edited | undefined): Promise<{ file?: Manifest }> {
    if (found === undefined || edited?.ok !== true) return {}
    // Where nothing would be left of it, the file would go.
    const text = edited.text.trim() === '' ? '' : edited.text
    return { file: await this.#fileAfter({ file: found.claim.path, text, sha256: found.hash }) }
  }

  async #fileAfter({ file, text, sha256 }: FileText): Promise<Manifest> {
    const judgement = await judgeText(this.#store, this.#cache, file, text)
    return triedFile(text, judgement, this.#cache.get<Manifest>(manifestKey(file)), sha256)
  }

  #exclusively(task: () => Promise<WriteResult>): Promise<WriteResult> {
    return exclusively(this.#store, task)
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
    const readOnly = refuseReadOnly(this.#store, file)
    if (readOnly !== undefined) return conflict(readOnly)
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

  async #reload(key: Key, file: string, written: Accepted): Promise<WriteResult> {
    await this.#files.reapply(file)
    await this.#store.setApiAnnotations(key, splitAnnotations(written.object).api)
    const object = this.#cache.get<KubeObject>(key)
    if (object === undefined)
      return no('Conflict', `${file} was changed by somebody else at the same moment. Read the object again.`)
    return { ok: true, object, warnings: written.warnings.map(formatIssue) }
  }
}

/** What a file would say, and the fingerprint of what it says now. */
interface FileText {
  readonly file: string
  readonly text: string
  readonly sha256?: string
}

type Edited = { readonly ok: true; readonly text: string } | Refused
type Accepted = Extract<Validation, { ok: true }>

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
