/** Writes manifest files as their author would, as whole texts, and none that orc would not take over entirely. */
import { access, constants } from 'node:fs/promises'
import path from 'node:path'
import {
  formatLocated,
  keyOf,
  type Declared,
  type Key,
  type KubeObject,
  type Manifest,
  type ObjectChange,
} from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import type { ManifestFiles } from '../ports/manifest-files.ts'
import type { DeleteOptions, UpdateDecision, WriteOptions, WriteRefusal, WriteResult } from '../ports/object-writer.ts'
import type { FileChanges, Reading } from './file-changes.ts'
import { findPlace } from './manifest-path.ts'
import { readNewFile, readReplacement } from './manifest-request.ts'
import type { ManifestStore } from './manifest-store.ts'
import { manifestKey, manifestOf } from './manifest-view.ts'
import { exclusively, invalid, no, notFound, refuseReadOnly, refused } from './refusals.ts'
import { readSource } from './source-file.ts'
import { judgeText, type Judgement } from './text-judgement.ts'
import { filled, triedFile } from './tried-file.ts'

export class FileWriter implements ManifestFiles {
  readonly #store: ManifestStore
  readonly #cache: Cache
  readonly #files: FileChanges

  constructor(store: ManifestStore, cache: Cache, files: FileChanges) {
    this.#store = store
    this.#cache = cache
    this.#files = files
  }

  async withText(manifest: Manifest): Promise<Manifest> {
    const { path: file } = manifest.spec
    const source = await readSource(path.resolve(this.#store.root.path, file))
    return source.type === 'Text' ? filled(manifest, source.text, source.hash) : manifest
  }

  create(sent: unknown, { dryRun = false }: WriteOptions = {}): Promise<WriteResult> {
    const wanted = readNewFile(sent)
    if (!wanted.ok) return Promise.resolve(refused(invalid(wanted.issues)))
    const { file, text } = wanted.value
    return exclusively(this.#store, async () => {
      const place = await findPlace(this.#store.root.path, file)
      if (place.type === 'Refused') return no('Conflict', `${place.message}; nothing was written.`)
      if (place.type === 'Taken') return no('AlreadyExists', `${file} is there already`)
      const judgement = await judgeText(this.#store, this.#cache, file, text)
      if (judgement.errors.length > 0) return refused(invalidText(judgement))
      if (dryRun) return tried(triedFile(text, judgement, undefined, undefined))
      if (!(await this.#files.create(file, text))) return no('AlreadyExists', `${file} is there already`)
      return this.#written(text, judgement)
    })
  }

  update(
    key: Key,
    change: (current: Declared) => UpdateDecision,
    { dryRun = false }: WriteOptions = {},
  ): Promise<WriteResult> {
    return exclusively(this.#store, async () => {
      const found = await this.#locate(key)
      if (!found.ok) return found.result
      const { manifest, reading } = found
      const decision = change(manifest as unknown as Declared)
      if (!decision.ok) return refused(decision.refusal)
      const wanted = readReplacement(decision.object, manifest)
      if (!wanted.ok) return refused(invalid(wanted.issues))
      const { text, sha256 } = wanted.value
      const file = manifest.spec.path
      if (sha256 !== reading.hash)
        return no('Conflict', `${file} was changed since this text was read (it was ${sha256}, it is ${reading.hash})`)
      const judgement = await judgeText(this.#store, this.#cache, file, text)
      if (judgement.errors.length > 0) return refused(invalidText(judgement))
      if (text === manifest.spec.text) return answer(manifest, [])
      if (dryRun) {
        await this.#checkDirectory(file)
        return tried(triedFile(text, judgement, manifest, reading.hash))
      }
      if (!(await this.#files.replaceText(file, text, reading))) return this.#overtaken(file)
      return this.#written(text, judgement)
    })
  }

  delete(key: Key, { dryRun = false, check = () => undefined }: DeleteOptions = {}): Promise<WriteResult> {
    return exclusively(this.#store, async () => {
      const found = await this.#locate(key)
      if (!found.ok) return found.result
      const { manifest, reading } = found
      const refusal = check(manifest)
      if (refusal !== undefined) return refused(refusal)
      const file = manifest.spec.path
      const judgement = await judgeText(this.#store, this.#cache, file, '')
      const { changes } = judgement
      if (dryRun) await this.#checkDirectory(file)
      else {
        if (!(await this.#files.replaceText(file, undefined, reading))) return this.#overtaken(file)
        await this.#takeOver(file, changes)
      }
      const warnings = changes.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name} goes with it`)
      const preview = dryRun && { file: triedFile('', judgement, manifest, reading.hash) }
      return { ...answer(manifest, changes), ...preview, warnings }
    })
  }

  /** The file as it is on the disk now, taken in: an edit that was not loaded yet counts. */
  async #locate(
    key: Key,
  ): Promise<{ ok: true; manifest: Manifest; reading: Reading } | { ok: false; result: WriteResult }> {
    const conflict = (message: string) => ({ ok: false as const, result: no('Conflict', message) })
    const known = this.#cache.get<Manifest>(key)
    if (known === undefined) return { ok: false, result: notFound(key) }
    const file = known.spec.path
    const readOnly = refuseReadOnly(this.#store, file)
    if (readOnly !== undefined) return conflict(readOnly)
    const now = await this.#store.root.readSettled(file, this.#store.index.get(file)?.hash)
    if (now === undefined) return conflict(`${file} is being written at the moment. Nothing was written; try again.`)
    const { entry, text, stamp, mode } = now
    if (entry === undefined) return conflict(`${file} has just been removed; nothing was written.`)
    if (entry.hash === '')
      return conflict(`${entry.errors.map((error) => formatLocated(file, error)).join('; ')}; nothing was written.`)
    // One that is not loaded for the size of the directory can still be made smaller, or be removed.
    if (this.#store.limitProblem(file, text) === undefined) await this.#store.apply(file, entry)
    const manifest = filled(this.#cache.get<Manifest>(key) ?? known, text, entry.hash)
    return { ok: true, manifest, reading: { hash: entry.hash, stamp, mode } }
  }

  async #overtaken(file: string): Promise<WriteResult> {
    await this.#files.reapply(file)
    return no('Conflict', `${file} was saved by an editor at the same moment; what the editor saved counts`)
  }

  async #written(text: string, { entry, changes }: Judgement): Promise<WriteResult> {
    await this.#takeOver(entry.path, changes)
    const manifest = this.#cache.get<Manifest>(manifestKey(entry.path)) ?? manifestOf(entry, [])
    return answer(filled(manifest, text, entry.hash), changes)
  }

  /** What the text declares no more was deleted with its author's eyes open: no guard holds it. */
  async #takeOver(file: string, changes: readonly ObjectChange[]): Promise<void> {
    await this.#files.reapply(file)
    for (const { type, kind, namespace, name } of changes) {
      const key = keyOf(kind, namespace, name)
      if (type === 'Removed' && this.#store.claims(key).length === 0) await this.#store.remove(key)
    }
  }

  /** Throws what the write would throw where the user may not write. */
  async #checkDirectory(file: string): Promise<void> {
    await access(path.dirname(path.resolve(this.#store.root.path, file)), constants.W_OK)
  }
}

function answer(manifest: Manifest, changes: readonly ObjectChange[]): Extract<WriteResult, { ok: true }> {
  const object: KubeObject = { ...manifest, status: { ...manifest.status, changes } } as Manifest
  const changed = changes.map(({ type, kind, namespace, name }) => `${type} ${kind} ${namespace}/${name}`)
  return { ok: true, object, warnings: manifest.status.warnings, changed }
}

function tried(file: Manifest): WriteResult {
  return { ...answer(file, file.status.changes ?? []), file }
}

function invalidText({ errors, entry }: Judgement): WriteRefusal {
  const causes = errors.map((error) => ({ field: 'spec.text', message: formatLocated(entry.path, error) }))
  return { reason: 'Invalid', message: causes.map(({ message }) => message).join('; '), causes }
}
