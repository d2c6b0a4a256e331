/** Who may come in: the admin's token, and browsers that exchanged a one-time code for a session. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'

export const CODE_MS = 2 * 60_000
export const SESSION_MS = 12 * 60 * 60_000
const MOST_CODES = 64
const MOST_SESSIONS = 256
/** 256 bits in base64url. */
const SHORTEST_TOKEN = 43

export interface User {
  readonly name: string
  readonly credential: 'Token' | 'Session'
  /** When the credential ends, by `Clock.nowMs`; streams end then too. Absent = never. */
  readonly expiresAtMs?: number
}

export interface Issued {
  /** RFC 3339. */
  readonly expirationTimestamp: string
}

/** Kept in memory only, codes and sessions as hashes: a restart ends them, and a dump of the memory gives none away. */
export class Credentials {
  readonly #clock: Clock
  readonly #admin: Buffer
  readonly #codes: Expiring
  readonly #sessions: Expiring

  /** `adminToken` holds 256 random bits. */
  constructor({ adminToken, clock }: { readonly adminToken: string; readonly clock: Clock }) {
    if (adminToken.length < SHORTEST_TOKEN)
      throw new Error(`the admin token is shorter than ${String(SHORTEST_TOKEN)} characters`)
    this.#clock = clock
    this.#admin = sha256(adminToken)
    this.#codes = new Expiring(clock, CODE_MS, MOST_CODES)
    this.#sessions = new Expiring(clock, SESSION_MS, MOST_SESSIONS)
  }

  authenticate(token: string): User | undefined {
    const hash = sha256(token)
    if (timingSafeEqual(hash, this.#admin)) return { name: 'admin', credential: 'Token' }
    const expiresAtMs = this.#sessions.find(hash)
    return expiresAtMs === undefined ? undefined : { name: 'admin', credential: 'Session', expiresAtMs }
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
    return { token, expirationTimestamp: this.#timestampIn(SESSION_MS) }
  }

  #timestampIn(ms: number): string {
    return new Date(this.#clock.wallMs() + ms).toISOString()
  }
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
  readonly #endsMs = new Map<string, number>()

  constructor(clock: Clock, lifeMs: number, most: number) {
    this.#clock = clock
    this.#lifeMs = lifeMs
    this.#most = most
  }

  /** The oldest goes when there are too many. */
  add(hash: Buffer): void {
    this.#dropEnded()
    const [oldest] = this.#endsMs.keys()
    if (this.#endsMs.size >= this.#most && oldest !== undefined) this.#endsMs.delete(oldest)
    this.#endsMs.set(hash.toString('hex'), this.#clock.nowMs() + this.#lifeMs)
  }

  /** When it ends. */
  find(hash: Buffer): number | undefined {
    this.#dropEnded()
    return this.#endsMs.get(hash.toString('hex'))
  }

  /** Whether it was there; it no longer is. */
  take(hash: Buffer): boolean {
    this.#dropEnded()
    return this.#endsMs.delete(hash.toString('hex'))
  }

  #dropEnded(): void {
    for (const [hash, endMs] of this.#endsMs) {
      if (endMs > this.#clock.nowMs()) return
      this.#endsMs.delete(hash)
    }
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
