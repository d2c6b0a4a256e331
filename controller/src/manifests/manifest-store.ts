/**
 * Keeps the objects of the cache equal to what the files of one directory declare, and remembers each in a record.
 * A file that cannot be understood changes nothing: its objects stay as they were accepted last. An object goes only
 * when a full pass finds it in no file while every file that might hold it can be read.
 */
import { randomUUID } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { decode, formatLocated, splitKey, type Declared, type Judgement, type Key, type KubeObject } from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { Mutex } from '../mutex.ts'
import type { ObjectRecords } from '../objects/object-records.ts'
import { foldSecret } from '../objects/secret.ts'
import { DirectoryIndex, type Claim, type FileEntry } from './directory-index.ts'
import { manifestKey, manifestOf } from './manifest-view.ts'
import { isManifestName } from './manifest-watcher.ts'
import { GONE_AFTER_MS, Removals, type HoldMemory, type Verdict } from './removals.ts'
import { recoverAsides } from './replace-file.ts'
import { SETTLE_MS, Settler, type Look } from './settle.ts'
import { readSource, stampNow } from './source-file.ts'

export interface ManifestStoreOptions {
  /** Absolute. */
  readonly root: string
  readonly cache: Cache
  readonly records: ObjectRecords
  readonly clock: Clock
  readonly log: Log
  readonly holds: HoldMemory
  /** The root is another directory than before (a mount, a rename): what watches it must begin anew. */
  readonly onRootChange: () => void
  /** The acceptance of an object changed, though the object may not have. */
  readonly onAcceptance: (key: Key) => void
}

const FULL_PASS_MS = 60_000
/** For a write that meets an editor: after half a second it is told to come again. */
const SETTLE_TRIES = 10
const HELD_PASS_MS = 2000

const ACCEPTED: Judgement = { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'The declared spec is in force.' }

export class ManifestStore {
  readonly root: string
  readonly index = new DirectoryIndex()
  /** Every change of files, index and records happens under it, one after the other. */
  readonly mutex = new Mutex()
  readonly #options: ManifestStoreOptions
  readonly #settler: Settler<FileEntry | undefined>
  readonly #stamps = new Map<string, string>()
  readonly #acceptance = new Map<Key, Judgement>()
  readonly #removals: Removals
  #cancelPass: (() => void) | undefined
  #passDueMs = Infinity
  #rootIdentity = ''
  #closed = false

  constructor(options: ManifestStoreOptions) {
    this.#options = options
    this.root = options.root
    this.#removals = new Removals(options.clock, options.holds)
    this.#settler = new Settler({
      clock: options.clock,
      look: (file) => this.#look(file),
      settled: (file, entry) => this.mutex.run(() => this.apply(file, entry)),
      onError: (file, error) => { options.log.error(`cannot load ${file}`, error) },
    })
  }

  /** Loads every file. After it the cache holds what is to run, objects of broken files included. */
  async start(): Promise<void> {
    await recoverAsides(this.root, (file) => {
      this.#options.log.warn(`${file} was saved by an editor at the moment when orc wrote and was killed; compare it with the manifest beside it`)
    })
    await this.#lookAtRoot()
    await this.mutex.run(async () => {
      for (const file of (await this.#listFiles()) ?? []) await this.apply(file, (await this.#look(file)).content)
      // What a record knows and no file says may be in a file that is broken now, or really gone: the next pass decides.
      for (const key of this.#options.records.keys()) if (!this.#isClaimed(key)) await this.#miss(key)
    })
    this.#schedulePass(FULL_PASS_MS)
  }

  /** A file may have changed; it is loaded when it stands still. */
  hint(file: string): void {
    if (isManifestName(path.basename(file))) this.#settler.hint(file)
  }

  acceptance(key: Key): Judgement {
    return this.#acceptance.get(key) ?? ACCEPTED
  }

  close(): void {
    this.#closed = true
    this.#settler.close()
    this.#cancelPass?.()
  }

  claims(key: Key): readonly Claim[] {
    return this.index.claims(key, this.#options.records.get(key)?.source)
  }

  /** Takes over what a file says now; undefined = it is not there. Under the mutex only. */
  async apply(file: string, entry: FileEntry | undefined): Promise<void> {
    const before = this.index.get(file)
    if (isSame(before, entry)) return
    // Nobody knows what a broken file declares: what it declared last keeps standing, with a note.
    const kept = entry !== undefined && entry.errors.length > 0 ? (before?.documents ?? []) : entry?.documents
    const affected = this.index.set(file, entry === undefined ? undefined : { ...entry, documents: kept ?? [] })
    for (const key of affected) await this.#settleKey(key)
    this.#show(file)
    this.#tell(entry)
  }

  /** Ends an object at once because somebody asked for it through the API. Under the mutex only. */
  async remove(key: Key): Promise<void> {
    this.#removals.settle(key)
    this.#acceptance.delete(key)
    await this.#options.records.remove(key)
    this.#options.cache.delete(key)
  }

  /** Reads and understands one file as it is now. */
  async read(file: string): Promise<{ readonly entry: FileEntry | undefined; readonly stamp: string; readonly text: string; readonly mode: number }> {
    const source = await readSource(path.join(this.root, file))
    if (source.type === 'Missing') return { entry: undefined, stamp: 'missing', text: '', mode: 0 }
    if (source.type === 'Refused') {
      const errors = [{ line: 1, column: 1, message: source.message }]
      return { entry: { path: file, hash: '', errors, documents: [] }, stamp: source.stamp, text: '', mode: 0 }
    }
    const { text, hash, stamp, mode } = source
    const { errors, documents } = decode(text)
    return { entry: { path: file, hash, errors, documents }, stamp, text, mode }
  }

  /** As `read`, but a file that is not as it was loaded must stand still first; undefined when it does not. */
  async readSettled(file: string): Promise<Awaited<ReturnType<ManifestStore['read']>> | undefined> {
    let now = await this.read(file)
    for (let tries = 0; tries < SETTLE_TRIES; tries += 1) {
      if (now.entry !== undefined && now.entry.hash === this.index.get(file)?.hash) return now
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS.ordinary))
      const next = await this.read(file)
      if (next.stamp === now.stamp) return next
      now = next
    }
    return undefined
  }

  async #look(file: string): Promise<Look<FileEntry | undefined>> {
    const { entry, stamp } = await this.read(file)
    this.#stamps.set(file, stamp)
    const documents = entry?.documents.length ?? 0
    const broken = entry !== undefined && (entry.errors.length > 0 || entry.documents.some(({ errors }) => errors.length > 0))
    const dropped = entry !== undefined && documents < (this.index.get(file)?.documents.length ?? 0)
    return { stamp, content: entry, suspicious: broken || dropped || (entry !== undefined && documents === 0) }
  }

  /** Decides what holds for one object, now that claims on it changed. */
  async #settleKey(key: Key): Promise<void> {
    const claims = this.claims(key)
    const [claim] = claims
    // Which of several counts may have changed, and each file says whether its own does.
    for (const file of new Set(claims.map((each) => each.path))) this.#show(file)
    if (claim === undefined) {
      await this.#miss(key)
      return
    }
    this.#removals.settle(key)
    const fileErrors = this.index.get(claim.path)?.errors ?? []
    const [error] = [...fileErrors, ...claim.document.errors]
    if (error !== undefined) {
      await this.#keepLast(key, `${formatLocated(claim.path, error)}. The last valid spec stays in force; correct the file.`)
      return
    }
    if (claim.document.object !== undefined) await this.#accept(key, claim.path, claim.document.object)
  }

  async #accept(key: Key, source: string, object: Declared): Promise<void> {
    const { records, clock } = this.#options
    const known = records.get(key)
    const changed = known === undefined || !isDeepStrictEqual(contentOf(known.accepted), contentOf(object))
    if (known === undefined || known.source !== source || !isDeepStrictEqual(known.accepted, object))
      await records.save(key, {
        uid: known?.uid ?? randomUUID(),
        creationTimestamp: known?.creationTimestamp ?? new Date(clock.wallMs()).toISOString(),
        generation: (known?.generation ?? 0) + (changed ? 1 : 0),
        source,
        accepted: object,
      })
    this.#judge(key, ACCEPTED)
    this.#publish(key)
  }

  /** The accepted object of the record stays, or comes back after a restart. */
  async #keepLast(key: Key, message: string): Promise<void> {
    if (this.#options.records.get(key) === undefined) return
    this.#judge(key, { type: 'Accepted', status: 'False', reason: 'InvalidManifest', message })
    this.#publish(key)
    await Promise.resolve()
  }

  async #miss(key: Key): Promise<void> {
    if (this.#options.records.get(key) === undefined) return
    this.#removals.miss(key)
    this.#publish(key)
    this.#schedulePass(GONE_AFTER_MS)
    await Promise.resolve()
  }

  /** Puts the accepted object of the record into the cache, with the status that is there. */
  #publish(key: Key): void {
    const { cache, records } = this.#options
    const record = records.get(key)
    if (record === undefined) return
    const { accepted, uid, generation, creationTimestamp } = record
    const status = cache.get<KubeObject & { status?: unknown }>(key)?.status
    // A copy, since the cache freezes what it gets.
    const object = foldSecret(structuredClone(accepted))
    cache.put({
      ...object,
      metadata: { ...object.metadata, uid, generation, creationTimestamp },
      ...(status === undefined ? {} : { status }),
    } as KubeObject)
  }

  #judge(key: Key, judgement: Judgement): void {
    const before = this.acceptance(key)
    this.#acceptance.set(key, judgement)
    if (before.status !== judgement.status || before.message !== judgement.message) this.#options.onAcceptance(key)
  }

  /** The earlier of two wishes counts. */
  #schedulePass(delayMs: number): void {
    const { clock, log } = this.#options
    const dueMs = clock.nowMs() + delayMs
    if (this.#closed || dueMs >= this.#passDueMs) return
    this.#cancelPass?.()
    this.#passDueMs = dueMs
    this.#cancelPass = clock.setTimer(delayMs, () => {
      this.#passDueMs = Infinity
      this.#fullPass()
        .catch((error: unknown) => { log.error('the pass over the manifests failed', error) })
        .finally(() => { this.#schedulePass(this.#passDelayMs()) })
    })
  }

  /** What is held comes back as a rule by a mount or a checkout that no hint tells of. */
  #passDelayMs(): number {
    if (this.#removals.isPending) return GONE_AFTER_MS
    return this.#removals.hasHolds ? HELD_PASS_MS : FULL_PASS_MS
  }

  /** Finds changes that no hint told of, then ends what is provably gone. */
  async #fullPass(): Promise<void> {
    await this.#lookAtRoot()
    const files = await this.#listFiles()
    const known = [...this.index.files()].map(({ path: file }) => file)
    for (const file of new Set([...(files ?? []), ...known]))
      if ((await stampNow(path.join(this.root, file))) !== this.#stamps.get(file)) this.hint(file)
    // What is on its way in may hold what is missing.
    if (this.#settler.isBusy) return
    await this.mutex.run(async () => {
      const verdicts = this.#removals.judge({
        known: this.#options.records.keys().length,
        rootIsThere: files !== undefined,
        blockedBy: (key) => this.#fileThatMayHold(key),
      })
      for (const [key, verdict] of verdicts) await this.#carryOut(key, verdict)
    })
  }

  async #lookAtRoot(): Promise<void> {
    const { dev, ino } = await stat(this.root).catch(() => ({ dev: 0, ino: 0 }))
    const identity = `${String(dev)}:${String(ino)}`
    if (ino !== 0 && this.#rootIdentity !== '' && identity !== this.#rootIdentity) this.#options.onRootChange()
    if (ino !== 0) this.#rootIdentity = identity
  }

  async #carryOut(key: Key, verdict: Verdict): Promise<void> {
    const stays = 'until then the last spec stays in force.'
    if (verdict.type === 'Gone') {
      this.#options.log.info(`${describe(key)} is declared no more`)
      await this.remove(key)
    } else if (verdict.type === 'Blocked') {
      const message = `No file declares it, but ${verdict.file} cannot be understood and may hold it. Correct that file; ${stays}`
      this.#judge(key, { type: 'Accepted', status: 'False', reason: 'InvalidManifest', message })
    } else {
      const { vanished, known, since } = verdict.hold
      const message = `${String(vanished)} of ${String(known)} objects vanished from ${this.root} at once at ${since}; nothing was stopped. Put the files back, or say that they should go: orc confirm; ${stays}`
      if (this.acceptance(key).reason !== 'Held') this.#options.log.warn(`${describe(key)} is held: ${message}`)
      this.#judge(key, { type: 'Accepted', status: 'False', reason: 'Held', message })
    }
  }

  /** A broken file whose last words are not known, or the one that held the object. */
  #fileThatMayHold(key: Key): string | undefined {
    const source = this.#options.records.get(key)?.source
    const broken = [...this.index.files()].filter(({ errors }) => errors.length > 0)
    return broken.find((entry) => entry.path === source || entry.documents.length === 0)?.path
  }

  #isClaimed(key: Key): boolean {
    return this.claims(key).length > 0
  }

  #show(file: string): void {
    const { cache } = this.#options
    const entry = this.index.get(file)
    if (entry === undefined) {
      cache.delete(manifestKey(file))
      return
    }
    const overruled = entry.documents.flatMap((document) => {
      const [first] = this.#claimOf(document)
      if (first === undefined || first.document === document) return []
      const where = formatLocated(file, { line: document.line, column: 1, message: '' }).replace(/: $/, '')
      return [`${where}: this object is declared in ${first.path}:${String(first.document.line)} too; that one counts. Remove one of them.`]
    })
    cache.put(manifestOf(entry, overruled))
  }

  #claimOf(document: FileEntry['documents'][number]): readonly Claim[] {
    const { kind, metadata } = (document.object ?? {}) as Partial<Declared>
    return kind === undefined || metadata === undefined ? [] : this.claims(`${kind}/${metadata.namespace ?? 'default'}/${metadata.name}`)
  }

  /** In the controller's log too: whoever looks at the terminal sees what is wrong with a save. */
  #tell(entry: FileEntry | undefined): void {
    if (entry === undefined) return
    for (const error of [...entry.errors, ...entry.documents.flatMap(({ errors }) => errors)]) this.#options.log.warn(formatLocated(entry.path, error))
  }

  /** Undefined when the root cannot be read: then nothing is known about what it declares. */
  async #listFiles(): Promise<string[] | undefined> {
    const entries = await readdir(this.root, { recursive: true, withFileTypes: true }).catch(() => undefined)
    if (entries === undefined) return undefined
    return entries
      .filter((entry) => !entry.isDirectory() && isManifestName(entry.name))
      .map((entry) => path.relative(this.root, path.join(entry.parentPath, entry.name)))
      .filter((file) => !file.split(path.sep).some((part) => part.startsWith('.')))
      .sort()
  }
}

function isSame(a: FileEntry | undefined, b: FileEntry | undefined): boolean {
  return a?.hash === b?.hash && isDeepStrictEqual(a?.errors, b?.errors)
}

/** What counts for `generation`: everything outside metadata. */
function contentOf({ metadata: _metadata, ...content }: Declared): unknown {
  return content
}

function describe(key: Key): string {
  const { kind, namespace, name } = splitKey(key)
  return `${kind} ${namespace}/${name}`
}
