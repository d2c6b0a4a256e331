/** Who may come in: the admin's token, and browsers that exchanged a one-time code for a session. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { SessionMemory } from '../ports/session-memory.ts'

export const CODE_MS = 2 * 60_000
export const SESSION_MS = 12 * 60 * 60_000
const MOST_CODES = 64
const MOST_SESSIONS = 256
/** 256 bits in base64url. */
const SHORTEST_TOKEN = 43

export interface User {
  readonly name: string
  readonly credential: 'Token' | 'Session'
  /** Of a session: it can be ended before its time, and says when it was. */
  readonly session?: { readonly ended: AbortSignal; end(): void }
  /** When the credential ends, by `Clock.nowMs`; streams end then too. Absent = never. */
  readonly expiresAtMs?: number
}

export interface CredentialsOptions {
  readonly adminToken: string
  readonly clock: Clock
  readonly memory?: SessionMemory
}

export interface Issued {
  /** RFC 3339. */
  readonly expirationTimestamp: string
}

/** Codes and sessions are kept as hashes, codes in memory only: neither a dump of it nor the state gives one away. */
export class Credentials {
  readonly #clock: Clock
  readonly #admin: Buffer
  readonly #memory: SessionMemory | undefined
  readonly #codes: Expiring
  readonly #sessions: Expiring

  /** `adminToken` holds 256 random bits. Without a memory a restart ends all sessions. */
  constructor({ adminToken, clock, memory }: CredentialsOptions) {
    if (adminToken.length < SHORTEST_TOKEN)
      throw new Error(`the admin token is shorter than ${String(SHORTEST_TOKEN)} characters`)
    this.#clock = clock
    this.#admin = sha256(adminToken)
    this.#codes = new Expiring(clock, CODE_MS, MOST_CODES)
    this.#sessions = new Expiring(clock, SESSION_MS, MOST_SESSIONS)
    this.#memory = memory
    this.#recall()
  }

  authenticate(token: string): User | undefined {
    const hash = sha256(token)
    if (timingSafeEqual(hash, this.#admin)) return { name: 'admin', credential: 'Token' }
    const found = this.#sessions.find(hash)
    if (found === undefined) return undefined
    const end = (): void => {
      if (this.#sessions.take(hash)) this.#remember()
    }
    const { endMs: expiresAtMs, ended } = found
    return { name: 'admin', credential: 'Session', expiresAtMs, session: { ended: ended.signal, end } }
  }

  /** Good for one session, for two minutes. */
  createCode(): Issued & { readonly code: string } {
    const code = randomBytes(32).toString('base64url')
    this.#codes.add(sha256(code))
    return { code, expirationTimestamp: this.#timestampIn(CODE_MS) }
  }

  /** Undefined when the code is unknown, used or too old. */
  exchangeCode(code: string): (Issued & { readonly token: string }) | undefined {
    if (!this.#codes.take(sha256(code))) return undefined
    const token = randomBytes(32).toString('base64url')
    this.#sessions.add(sha256(token))
    this.#remember()
    return { token, expirationTimestamp: this.#timestampIn(SESSION_MS) }
  }

  #recall(): void {
    const stored = this.#memory?.read()
    if (stored?.issuer !== this.#issuer) return
    for (const [hash, end] of Object.entries(stored.ends))
      this.#sessions.add(Buffer.from(hash, 'hex'), Date.parse(end) - this.#clock.wallMs())
  }

  #remember(): void {
    const ends = this.#sessions.left.map(([hash, leftMs]) => [hash, this.#timestampIn(leftMs)])
    this.#memory?.write({ issuer: this.#issuer, ends: Object.fromEntries(ends) as Record<string, string> })
  }

  get #issuer(): string {
    return createHash('sha256').update(this.#admin).digest('hex')
  }

  #timestampIn(ms: number): string {
    return new Date(this.#clock.wallMs() + ms).toISOString()
  }
}

interface Entry {
  /** By `Clock.nowMs`. */
  readonly endMs: number
  readonly ended: AbortController
}

/**
 * A bounded set of hashes with an end. Found by hash: how long a look-up takes says something about the hash of what was
 * sent, nothing about the secrets that are kept.
 */
class Expiring {
  readonly #clock: Clock
  readonly #lifeMs: number
  readonly #most: number
  /** In the order of their ends, since all live equally long. */
  readonly #all = new Map<string, Entry>()

  constructor(clock: Clock, lifeMs: number, most: number) {
    this.#clock = clock
    this.#lifeMs = lifeMs
    this.#most = most
  }

  /** How long each of them lives on, ms. */
  get left(): readonly (readonly [hash: string, leftMs: number])[] {
    this.#dropEnded()
    return [...this.#all].map(([hash, { endMs }]) => [hash, endMs - this.#clock.nowMs()])
  }

  /** The oldest goes when there are too many. Those that were kept are added in the order of their ends. */
  add(hash: Buffer, leftMs = this.#lifeMs): void {
    this.#dropEnded()
    if (!(leftMs > 0)) return
    const [oldest] = this.#all.keys()
    if (this.#all.size >= this.#most && oldest !== undefined) this.#drop(oldest)
    const endMs = this.#clock.nowMs() + Math.min(leftMs, this.#lifeMs)
    this.#all.set(hash.toString('hex'), { endMs, ended: new AbortController() })
  }

  find(hash: Buffer): Entry | undefined {
    this.#dropEnded()
    return this.#all.get(hash.toString('hex'))
  }

  /** Whether it was there; it no longer is. */
  take(hash: Buffer): boolean {
    this.#dropEnded()
    return this.#drop(hash.toString('hex'))
  }

  #dropEnded(): void {
    for (const [hash, { endMs }] of this.#all) {
      if (endMs > this.#clock.nowMs()) return
      this.#drop(hash)
    }
  }

  #drop(hash: string): boolean {
    this.#all.get(hash)?.ended.abort()
    return this.#all.delete(hash)
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
