/**
 * Keeps the objects in force equal to what the files of one directory declare. A file that cannot be understood changes
 * nothing: its objects stay as they were accepted last. An object goes only when a full pass finds it in no file while
 * every file that might hold it can be read.
 */
import { formatLocated, keyOfObject, type Declared, type Judgement, type Key, type KubeObject } from '@orc/schemas'
import path from 'node:path'
import type { Cache } from '../cache/cache.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { Mutex } from '../mutex.ts'
import type { ObjectRecords } from '../objects/object-records.ts'
import { AcceptedObjects } from './accepted-objects.ts'
import type { Annotations } from './api-annotations.ts'
import { DirectoryIndex, type Claim, type FileEntry } from './directory-index.ts'
import { DirectoryLimits } from './directory-limits.ts'
import { FullPasses } from './full-passes.ts'
import { inParallel } from './in-parallel.ts'
import { manifestKey, manifestOf } from './manifest-view.ts'
import { isManifestName } from './manifest-watcher.ts'
import { GONE_AFTER_MS, Removals, type HoldMemory } from './removals.ts'
import { recoverAsides } from './replace-file.ts'
import { RootDirectory } from './root-directory.ts'
import { Settler, type Look } from './settle.ts'

export interface ManifestStoreOptions {
  /** The directory that orc may write, absolute. */
  readonly root: string
  /** Further directories that are read only, absolute. */
  readonly readOnlyRoots: readonly string[]
  readonly cache: Cache
  readonly records: ObjectRecords
  readonly clock: Clock
  readonly log: Log
  readonly holds: HoldMemory
  /** A root is another directory than before (a mount, a rename): what watches it must begin anew. */
  readonly onRootChange: (root: RootDirectory) => void
  /** The acceptance of an object changed, though the object may not have. */
  readonly onAcceptance: (key: Key) => void
}

export class ManifestStore {
  readonly root: RootDirectory
  readonly roots: readonly RootDirectory[]
  readonly index = new DirectoryIndex()
  /** Every change of files, index and records happens under it, one after the other. */
  readonly mutex = new Mutex()
  readonly #options: ManifestStoreOptions
  readonly #objects: AcceptedObjects
  readonly #removals: Removals
  readonly #settler: Settler<FileEntry | undefined>
  /** Looked at and standing still, waiting to be taken in. */
  readonly #settled = new Map<string, Look<FileEntry | undefined>>()
  #turn: Promise<void> | undefined
  /** Of the files as they were looked at last. */
  readonly #stamps = new Map<string, string>()
  readonly #limits = new DirectoryLimits()
  readonly #passes: FullPasses

  constructor(options: ManifestStoreOptions) {
    this.#options = options
    this.root = new RootDirectory(options.root, true)
    this.roots = [this.root, ...options.readOnlyRoots.map((root) => new RootDirectory(root, false))]
    this.#objects = new AcceptedObjects(options)
    this.#removals = new Removals(options.clock, options.holds)
    this.#settler = new Settler({
      clock: options.clock,
      look: (file) => this.#look(file),
      stamp: (file) => this.rootOf(file).stamp(file),
      settled: (file, look) => this.#applyLook(file, look),
      onError: (file, error) => {
        options.log.error(`cannot load ${file}`, error)
      },
    })
    this.#passes = new FullPasses({
      clock: options.clock,
      log: options.log,
      roots: this.roots,
      index: this.index,
      objects: this.#objects,
      removals: this.#removals,
      mutex: this.mutex,
      recheck: (file) => this.#recheck(file),
      isBusy: () => this.#settler.isBusy,
      onRootChange: options.onRootChange,
    })
  }

  /** Loads every file. After it the cache holds what is to run, objects of broken files included. */
  async start(): Promise<void> {
    await recoverAsides(this.root.path, (file) => {
      this.#options.log.warn(
        `${file} was saved by an editor at the moment when orc wrote and was killed; compare it with the manifest beside it`,
      )
    })
    await this.#passes.noteRoots()
    await this.mutex.run(async () => {
      const files = (await Promise.all(this.roots.map((root) => root.list()))).flatMap((list) => list ?? [])
      await this.#takeIn(await inParallel(files, async (file) => [file, (await this.#look(file)).content] as const))
      // What a record knows and no file says may be in a file that is broken now, or really gone: the next pass decides.
      for (const key of this.#objects.keys()) if (this.claims(key).length === 0) this.#miss(key)
    })
    this.#passes.schedule(GONE_AFTER_MS)
  }

  /** A file may have changed; it is loaded when it stands still. Of a directory, every file that is known below it. */
  hint(file: string): void {
    if (isManifestName(path.basename(file))) this.#settler.hint(file)
    else
      for (const { path: known } of this.index.files())
        if (known.startsWith(`${file}${path.sep}`)) this.#settler.hint(known)
  }

  /** The root that a file is below. */
  rootOf(file: string): RootDirectory {
    return this.roots.find((root) => root.has(file)) ?? this.root
  }

  /** The root that declares an object. */
  rootOfObject(key: Key): RootDirectory {
    return this.rootOf(this.#objects.sourceOf(key) ?? '')
  }

  acceptance(key: Key): Judgement {
    return this.#objects.acceptance(key)
  }

  /** Whether it is or was declared and has not gone. */
  has(key: Key): boolean {
    return this.#objects.has(key)
  }

  /** Where an object is declared; the first counts. */
  claims(key: Key): readonly Claim[] {
    return this.index.claims(key, this.#objects.sourceOf(key))
  }

  /** Why a file of this size would not be loaded for all that the directory holds; undefined when it would. */
  limitProblem(file: string, text: string): string | undefined {
    return this.#limits.problemWith(file, text.length)
  }

  /** Takes over what a file says now; undefined = it is not there. Under the mutex only. */
  async apply(file: string, entry: FileEntry | undefined): Promise<void> {
    await this.#takeIn([[file, entry]])
  }

  /** Under the mutex only. */
  setApiAnnotations(key: Key, annotations: Annotations): Promise<void> {
    return this.#objects.setApiAnnotations(key, annotations)
  }

  /** The object as it would be shown if this was declared. Changes nothing. */
  preview(key: Key, object: Declared): KubeObject {
    return this.#objects.preview(key, object)
  }

  /** Ends an object at once because somebody asked for it through the API. Under the mutex only. */
  async remove(key: Key): Promise<void> {
    this.#removals.settle(key)
    await this.#objects.remove(key)
  }

  close(): void {
    this.#settler.close()
    this.#passes.close()
    for (const root of this.roots) root.close()
  }

  /** What settles while others are taken in is taken in together: a checkout of many files is one turn, not many. */
  #applyLook(file: string, look: Look<FileEntry | undefined>): Promise<void> {
    this.#settled.set(file, look)
    this.#turn ??= this.mutex.run(() => this.#applySettled())
    return this.#turn
  }

  async #applySettled(): Promise<void> {
    const looks = [...this.#settled]
    this.#settled.clear()
    this.#turn = undefined
    const stamps = await inParallel(looks, ([file]) => this.rootOf(file).stamp(file))
    const standing = looks.filter(([, { stamp }], index) => stamp === stamps[index])
    await this.#takeIn(standing.map(([file, { content }]) => [file, content] as const))
    // While it waited for its turn, a write through the API may have replaced a file that was looked at.
    for (const [index, [file, { stamp }]] of looks.entries()) if (stamp !== stamps[index]) this.hint(file)
  }

  async #look(file: string): Promise<Look<FileEntry | undefined>> {
    const { entry: read, stamp, text } = await this.rootOf(file).read(file)
    const problem = read === undefined ? undefined : this.#limits.admit(file, text.length)
    const entry = read === undefined || problem === undefined ? read : refused(read, problem)
    this.#stamps.set(file, stamp)
    return { stamp, content: entry, suspicious: entry !== undefined && this.#saysLess(entry) }
  }

  async #recheck(file: string): Promise<void> {
    if ((await this.rootOf(file).stamp(file)) !== this.#stamps.get(file)) this.hint(file)
  }

  #saysLess({ path: file, errors, documents }: FileEntry): boolean {
    if (errors.length > 0 || documents.length === 0) return true
    return (
      documents.some((document) => document.errors.length > 0) ||
      documents.length < (this.index.get(file)?.documents.length ?? 0)
    )
  }

  /** Index first, then objects, then what is shown of the files: each object is decided once, however many files changed. */
  async #takeIn(entries: readonly (readonly [file: string, entry: FileEntry | undefined])[]): Promise<void> {
    const changed = entries.filter(([file, entry]) => !isSame(this.index.get(file), entry))
    const affected = new Set<Key>()
    for (const [file, entry] of changed) {
      // Nobody knows what a broken file declares: what it declared last keeps standing, with a note.
      const documents =
        entry !== undefined && entry.errors.length > 0 ? (this.index.get(file)?.documents ?? []) : entry?.documents
      const next = entry === undefined || documents === undefined ? undefined : { ...entry, documents }
      for (const key of this.index.set(file, next)) affected.add(key)
    }
    const toShow = new Set(changed.map(([file]) => file))
    // Which of several claims counts may have changed, and each file says whether its own does.
    const noteClaims = (): void => {
      for (const key of affected) for (const { path: file } of this.claims(key)) toShow.add(file)
    }
    noteClaims()
    await inParallel([...affected], (key) => this.#settleKey(key))
    noteClaims()
    for (const file of toShow) this.#show(file)
    for (const [file, entry] of changed) {
      if (entry === undefined) this.#limits.forget(file)
      else this.#tell(entry)
    }
  }

  /** Decides what holds for one object, now that claims on it changed. */
  async #settleKey(key: Key): Promise<void> {
    const [claim] = this.claims(key)
    if (claim === undefined) {
      this.#miss(key)
      return
    }
    this.#removals.settle(key)
    const [error] = [...(this.index.get(claim.path)?.errors ?? []), ...claim.document.errors]
    if (error !== undefined)
      this.#objects.keep(
        key,
        'InvalidManifest',
        `${formatLocated(claim.path, error)}. The last valid spec stays in force; correct the file.`,
      )
    else if (claim.document.object !== undefined) await this.#objects.accept(key, claim.path, claim.document.object)
  }

  #miss(key: Key): void {
    if (!this.#objects.has(key)) return
    this.#removals.miss(key)
    this.#objects.publish(key)
    this.#passes.schedule(GONE_AFTER_MS)
  }

  #show(file: string): void {
    const { cache } = this.#options
    const entry = this.index.get(file)
    if (entry === undefined) {
      cache.delete(manifestKey(file))
      return
    }
    const overruled = entry.documents.flatMap((document) => {
      const [first] = document.object === undefined ? [] : this.claims(keyOfObject(document.object))
      if (first === undefined || first.document === document) return []
      const where = `${file}:${String(document.line)}:1`
      return [
        `${where}: DuplicateName: this object is declared in ${first.path}:${String(first.document.line)} too; that one counts. Remove one of them.`,
      ]
    })
    cache.put(manifestOf(entry, overruled))
  }

  /** In the controller's log too: whoever looks at the terminal sees what is wrong with a save. */
  #tell(entry: FileEntry): void {
    for (const error of [...entry.errors, ...entry.documents.flatMap(({ errors }) => errors)])
      this.#options.log.warn(formatLocated(entry.path, error))
  }
}

function refused(entry: FileEntry, message: string): FileEntry {
  return { ...entry, hash: '', documents: [], errors: [{ line: 1, column: 1, message }] }
}

function isSame(a: FileEntry | undefined, b: FileEntry | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return (
    a.hash === b.hash && a.errors.map(({ message }) => message).join() === b.errors.map(({ message }) => message).join()
  )
}
