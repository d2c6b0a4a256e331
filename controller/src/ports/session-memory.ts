/** Where the sessions of browsers outlive the controller. Hashes only: whoever reads them is signed in by none. */

export interface StoredSessions {
  /** Fingerprint of the administrator's token under which they began: another token ends them. */
  issuer: string
  /** By the SHA-256 (hex) of their token: when they end (RFC 3339). */
  ends: Record<string, string>
}

export interface SessionMemory {
  /** Undefined = none were kept. */
  read(): StoredSessions | undefined
  /** On the disk when it returns. */
  write(sessions: StoredSessions): void
}
