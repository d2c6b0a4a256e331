/** Writes manifest files so that an edit at the same moment is not lost, and takes in what was written. */
import { link, mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { DecodedDocument, Key } from '@orc/schemas'
import type { Log } from '../log.ts'
import { syncDirectory, temporaryNameFor, writeAndSync } from '../objects/durable-file.ts'
import { keyOfDocument } from './directory-index.ts'
import type { ManifestStore } from './manifest-store.ts'
import { mergeRaw } from './merge-raw.ts'
import type { FileReading } from './root-directory.ts'
import { rescueName, replaceFile } from './replace-file.ts'
import { hashOf } from './source-file.ts'

const FILE_MODE = 0o644
/** It may hold a Secret, and the mode of the file is not known any more. */
const RESCUED_MODE = 0o600
const MERGE_TRIES = 5

/** The file that a change was made on. */
export interface Reading {
  readonly hash: string
  readonly stamp: string
  readonly mode: number
}

/** A change of one document, by which it can be made again on another text. */
export interface Edit {
  readonly file: string
  readonly before: unknown
  /** Undefined = the object was removed. */
  readonly wanted: unknown
}

/** All of it under the store's mutex only. */
export class FileChanges {
  readonly #store: ManifestStore
  readonly #log: Log
  /** Writes of each object that are still watched over, in their order. */
  readonly #recent = new Map<Key, readonly Edit[]>()

  constructor(store: ManifestStore, log: Log) {
    this.#store = store
    this.#log = log
  }

  /** A new file; false when there is one of this name. */
  async create(file: string, text: string): Promise<boolean> {
    const target = path.resolve(this.#store.root.path, file)
    await mkdir(path.dirname(target), { recursive: true })
    const temporary = temporaryNameFor(target)
    try {
      await writeAndSync(temporary, text, FILE_MODE)
      // A link fails where a rename would overwrite.
      await link(temporary, target)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      return false
    } finally {
      await rm(temporary, { force: true })
    }
    await syncDirectory(path.dirname(target))
    return true
  }

  /**
   * Replaces the text of the file; an edit that slips in between reading and writing is merged.
   * False, and nothing done, when the file is not the one that was read.
   */
  async replace(
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
   * Replaces the text of the file as a whole, or removes it. False when it is not the one that was read, or when an
   * editor saved it at the same moment: then the file holds what the editor saved.
   */
  async replaceText(file: string, text: string | undefined, reading: Reading): Promise<boolean> {
    const target = path.resolve(this.#store.root.path, file)
    const expected = { expectedHash: reading.hash, expectedStamp: reading.stamp, mode: reading.mode }
    const replaced = await replaceFile({ target, text, ...expected })
    if (replaced.type === 'Conflict') return false
    // Whoever sent the text has seen them: they are not to be made again where it took them back.
    for (const [key, edits] of this.#recent) {
      const others = edits.filter((edit) => edit.file !== file)
      if (others.length > 0) this.#recent.set(key, others)
      else this.#recent.delete(key)
    }
    // Waited for: there is nothing by which a text could be merged with another later, so the answer must be true.
    const late = replaced.late ?? (await replaced.later)
    const now = await this.#store.root.read(file)
    const isOurs = now.entry?.hash === (text === undefined ? undefined : hashOf(text))
    if (late === undefined) return isOurs
    if (!isOurs || !(await this.#putBack(file, late, now))) await this.#rescue(target, late)
    return false
  }

  async #putBack(file: string, text: string, { entry, stamp, mode }: FileReading): Promise<boolean> {
    if (entry === undefined) return this.create(file, text)
    const target = path.resolve(this.#store.root.path, file)
    const expected = { expectedHash: entry.hash, expectedStamp: stamp, mode }
    const replaced = await replaceFile({ target, text, ...expected })
    if (replaced.type === 'Conflict') return false
    const late = replaced.late ?? (await replaced.later)
    if (late !== undefined) await this.#rescue(target, late)
    return true
  }

  /** Two editors at once: the text of the one that came second stays in the file. */
  async #rescue(target: string, text: string): Promise<void> {
    const rescued = rescueName(target)
    await writeAndSync(rescued, text, RESCUED_MODE)
    this.#log.warn(
      `${rescued} was saved by an editor at the moment when orc wrote; compare it with the manifest beside it`,
    )
  }

  /**
   * An editor that had read the old text may have saved since: into the old inode, or over the new file, where it takes
   * the change back without knowing. Unless the API itself took it back, the change is made once more.
   */
  async #lookLater(key: Key, edit: Edit, late: string | undefined): Promise<void> {
    if (late !== undefined) await this.#mergeLate(key, edit, late)
    const recent = this.#recent.get(key) ?? []
    if (!recent.includes(edit)) return
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
      const document = (await this.#store.root.decode(text)).documents.find(
        (candidate) => keyOfDocument(candidate) === key,
      )
      const merged = document === undefined ? undefined : await this.#carryOver(text, document, before, wanted)
      const reading = { hash: now.entry?.hash ?? '', stamp: now.stamp, mode: now.mode }
      const isDone =
        now.entry === undefined
          ? await this.create(file, merged ?? text)
          : await this.replace(key, { file, before, wanted }, { reading, text: merged ?? text })
      if (!isDone) continue
      this.#log.warn(
        merged === undefined
          ? `ConflictOnDisk: ${file} was saved by an editor while orc wrote it; the editor's text counts, the change of ${key} is lost`
          : `${file} was saved by an editor while orc wrote it; both changes were merged`,
      )
      await this.reapply(file)
      return
    }
    this.#log.warn(`ConflictOnDisk: ${file} is saved again and again; a change of ${key} may be lost`)
  }

  async #carryOver(
    late: string,
    document: DecodedDocument,
    before: unknown,
    wanted: unknown,
  ): Promise<string | undefined> {
    const { root } = this.#store
    const edited =
      wanted === undefined
        ? await root.remove(late, document.index)
        : await root.edit(late, document.index, document.raw, mergeRaw(document.raw, before, wanted))
    return edited.ok ? edited.text : undefined
  }

  /** Takes over what the file says now. */
  async reapply(file: string): Promise<void> {
    await this.#store.apply(file, (await this.#store.root.read(file)).entry)
  }
}

/** Whether a text of the object shows the change: taking it back would make a difference. */
function isIn({ before, wanted }: Edit, raw: unknown): boolean {
  return !isDeepStrictEqual(mergeRaw(raw, wanted, before), raw)
}
