/** Looks at everything now and then: finds changes that no hint told of, and ends what is provably gone. */
import { splitKey, type Key } from '@orc/schemas'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Mutex } from '../mutex.ts'
import type { AcceptedObjects } from './accepted-objects.ts'
import type { DirectoryIndex } from './directory-index.ts'
import { GONE_AFTER_MS, type Removals, type Verdict } from './removals.ts'
import type { RootDirectory } from './root-directory.ts'

export interface FullPassesOptions {
  readonly clock: Clock
  readonly log: Log
  readonly roots: readonly RootDirectory[]
  readonly index: DirectoryIndex
  readonly objects: AcceptedObjects
  readonly removals: Removals
  readonly mutex: Mutex
  /** Loads the file if it is not as it was looked at last. */
  readonly recheck: (file: string) => Promise<void>
  /** Files are on their way in. */
  readonly isBusy: () => boolean
  /** A root is another directory than before. */
  readonly onRootChange: (root: RootDirectory) => void
}

const FULL_PASS_MS = 60_000
/** What is held comes back as a rule by a mount or a checkout that no hint tells of. */
const HELD_PASS_MS = 2000

export class FullPasses {
  readonly #options: FullPassesOptions
  readonly #rootIdentity = new Map<RootDirectory, string | undefined>()
  #cancel: (() => void) | undefined
  #dueMs = Infinity
  #closed = false

  constructor(options: FullPassesOptions) {
    this.#options = options
  }

  /** Later passes tell of roots that are not these any more. */
  async noteRoots(): Promise<void> {
    for (const root of this.#options.roots) this.#rootIdentity.set(root, await root.identity())
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  /** The earlier of two wishes counts. */
  schedule(delayMs: number): void {
    const { clock, log } = this.#options
    const dueMs = clock.nowMs() + delayMs
    if (this.#closed || dueMs >= this.#dueMs) return
    this.#cancel?.()
    this.#dueMs = dueMs
    this.#cancel = clock.setTimer(delayMs, () => {
      this.#dueMs = Infinity
      this.#pass()
        .catch((error: unknown) => {
          log.error('the pass over the manifests failed', error)
        })
        .finally(() => {
          this.schedule(this.#delayMs())
        })
    })
  }

  #delayMs(): number {
    if (this.#options.removals.isPending) return GONE_AFTER_MS
    return this.#options.removals.hasHolds ? HELD_PASS_MS : FULL_PASS_MS
  }

  /** Finds changes that no hint told of, then ends what is provably gone. */
  async #pass(): Promise<void> {
    const { index, roots, mutex, objects, removals, recheck, isBusy } = this.#options
    const there = new Set<RootDirectory>()
    const files = new Set([...index.files()].map(({ path: file }) => file))
    for (const root of roots) {
      await this.#lookAtRoot(root)
      const list = await root.list()
      if (list === undefined) continue
      there.add(root)
      for (const file of list) files.add(file)
    }
    for (const file of files) await recheck(file)
    // What is on its way in may hold what is missing.
    if (isBusy()) return
    await mutex.run(async () => {
      const known = objects.keys()
      const home = (key: Key): RootDirectory | undefined => roots.find((root) => root.has(objects.sourceOf(key) ?? ''))
      for (const root of [...roots, undefined]) {
        const verdicts = removals.judge({
          isMeant: (key) => home(key) === root,
          known: known.filter((key) => home(key) === root).length,
          rootIsThere: root !== undefined && there.has(root),
          blockedBy: (key) => this.#fileThatMayHold(key),
        })
        for (const [key, verdict] of verdicts) await this.#carryOut(key, verdict)
      }
    })
  }

  async #lookAtRoot(root: RootDirectory): Promise<void> {
    const identity = await root.identity()
    const before = this.#rootIdentity.get(root)
    if (identity === undefined || identity === before) return
    if (before !== undefined) this.#options.onRootChange(root)
    this.#rootIdentity.set(root, identity)
  }

  async #carryOut(key: Key, verdict: Verdict): Promise<void> {
    const { objects, log } = this.#options
    const stays = 'until then the last spec stays in force.'
    switch (verdict.type) {
      case 'Gone':
        log.info(`${describe(key)} is declared no more`)
        this.#options.removals.settle(key)
        await objects.remove(key)
        return
      case 'Blocked':
        objects.keep(
          key,
          'InvalidManifest',
          `No file declares it, but ${verdict.file} cannot be understood and may hold it. Correct that file; ${stays}`,
        )
        return
      case 'Held': {
        const { vanished, known, since } = verdict.hold
        const what = `${String(vanished)} of ${String(known)} objects vanished at once at ${since}; nothing was stopped`
        if (objects.acceptance(key).reason !== 'Held') log.warn(`${describe(key)} is held: ${what}`)
        objects.keep(key, 'Held', `${what}. Put the files back, or say that they should go: orc confirm; ${stays}`)
      }
    }
  }

  /** A broken file whose last words are not known, or the one that held the object. */
  #fileThatMayHold(key: Key): string | undefined {
    const source = this.#options.objects.sourceOf(key)
    const broken = [...this.#options.index.files()].filter(({ errors }) => errors.length > 0)
    return broken.find((entry) => entry.path === source || entry.documents.length === 0)?.path
  }
}

function describe(key: Key): string {
  const { kind, namespace, name } = splitKey(key)
  return `${kind} ${namespace}/${name}`
}
