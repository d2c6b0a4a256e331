/**
 * Decides when an object that no file declares any more is really gone. Moving, rewriting and checking out files look
 * like deleting them for a moment, and a lost disk looks like deleting everything: one is waited out, the other held.
 */
import type { Key } from '@orc/schemas'
import type { Clock } from '../clock.ts'

export interface Hold {
  /** RFC 3339. */
  readonly since: string
  /** How many of how many vanished together. */
  readonly vanished: number
  readonly known: number
}

/** Where holds are kept across restarts. */
export interface HoldMemory {
  read(): Readonly<Record<Key, Hold>>
  write(holds: Readonly<Record<Key, Hold>>): void
}

export type Verdict =
  | { readonly type: 'Gone' }
  /** This file cannot be understood and may hold the object. */
  | { readonly type: 'Blocked'; readonly file: string }
  /** Until it comes back or somebody confirms. */
  | { readonly type: 'Held'; readonly hold: Hold }

/** What a full pass saw of one root. */
export interface PassFacts {
  /** Whether an object belongs to this root. */
  readonly isMeant: (key: Key) => boolean
  /** Objects of the root that orc remembers, the missing ones included. */
  readonly known: number
  /** The root can be read and is the directory that it was. */
  readonly rootIsThere: boolean
  readonly blockedBy: (key: Key) => string | undefined
}

/** Between the first miss of an object and the pass that may end it: the time of a `mv`, a `git checkout`, an editor. */
export const GONE_AFTER_MS = 1000
/** Even while more and more vanishes, an object is judged after this time. */
const LONGEST_WAIT_MS = 5000
/** A pass that would end more than this share, and more than this many, is held. */
const MASS_CHANGE = { share: 0.3, objects: 3 } as const

export class Removals {
  readonly #clock: Clock
  readonly #memory: HoldMemory
  /** Boot clock of the first miss. */
  readonly #missing = new Map<Key, number>()
  #holds: Readonly<Record<Key, Hold>>

  constructor(clock: Clock, memory: HoldMemory) {
    this.#clock = clock
    this.#memory = memory
    this.#holds = memory.read()
  }

  get isPending(): boolean {
    return [...this.#missing.keys()].some((key) => this.#holds[key] === undefined)
  }

  get hasHolds(): boolean {
    return Object.keys(this.#holds).length > 0
  }

  miss(key: Key): void {
    if (!this.#missing.has(key)) this.#missing.set(key, this.#clock.nowMs())
  }

  /** It is declared again, or its end was asked for through the API. */
  settle(key: Key): void {
    this.#missing.delete(key)
    if (this.#holds[key] === undefined) return
    const { [key]: _settled, ...rest } = this.#holds
    this.#remember(rest)
  }

  /** What the pass may do with each object that has been missing long enough. */
  judge(facts: PassFacts): ReadonlyMap<Key, Verdict> {
    const verdicts = new Map<Key, Verdict>()
    const going: Key[] = []
    for (const key of this.#due(facts.isMeant)) {
      const hold = this.#holds[key]
      const file = facts.blockedBy(key)
      if (hold !== undefined) verdicts.set(key, { type: 'Held', hold })
      else if (file !== undefined) verdicts.set(key, { type: 'Blocked', file })
      else going.push(key)
    }
    if (going.length > 0 && isSuspicious(going.length, facts)) this.#hold(going, facts.known, verdicts)
    else for (const key of going) verdicts.set(key, { type: 'Gone' })
    return verdicts
  }

  /**
   * Missing long enough. What vanishes together is missed over some milliseconds: as long as more is being missed, all
   * of it waits, so that a mass removal is seen as one.
   */
  #due(isMeant: (key: Key) => boolean): Key[] {
    const nowMs = this.#clock.nowMs()
    const ages = [...this.#missing]
      .filter(([key]) => isMeant(key))
      .map(([key, sinceMs]) => ({ key, ageMs: nowMs - sinceMs }))
    const fresh = ages.filter(({ key, ageMs }) => ageMs < GONE_AFTER_MS && this.#holds[key] === undefined)
    const patienceMs = fresh.length > 0 ? LONGEST_WAIT_MS : GONE_AFTER_MS
    return ages
      .filter(({ key, ageMs }) => ageMs >= patienceMs || (ageMs >= GONE_AFTER_MS && this.#holds[key] !== undefined))
      .map(({ key }) => key)
  }

  #hold(keys: readonly Key[], known: number, verdicts: Map<Key, Verdict>): void {
    const hold: Hold = { since: new Date(this.#clock.wallMs()).toISOString(), vanished: keys.length, known }
    this.#remember({ ...this.#holds, ...Object.fromEntries(keys.map((key) => [key, hold])) })
    for (const key of keys) verdicts.set(key, { type: 'Held', hold })
  }

  #remember(holds: Readonly<Record<Key, Hold>>): void {
    this.#holds = holds
    this.#memory.write(holds)
  }
}

/**
 * A root that is not there, or from which everything went at once, is more likely a lost disk than a wish. The one
 * object of a directory may go: nobody else would have been told from it.
 */
function isSuspicious(going: number, { known, rootIsThere }: PassFacts): boolean {
  if (!rootIsThere) return true
  if (going === known) return known > 1
  return going > MASS_CHANGE.objects && going > known * MASS_CHANGE.share
}
