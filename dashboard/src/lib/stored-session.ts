/** The session as this browser remembers it: in localStorage, for a cookie would reach every port of the host. */

export interface StoredSession {
  readonly token: string
  readonly expirationTimestamp: string
}

const KEY = 'orc.session'

/** Undefined when there is none, when it is over, or when this browser stores nothing. */
export function storedSession(): StoredSession | undefined {
  try {
    const session = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<StoredSession> | null
    const { token = '', expirationTimestamp = '' } = session ?? {}
    return token !== '' && Date.parse(expirationTimestamp) > Date.now() ? { token, expirationTimestamp } : undefined
  } catch {
    return undefined
  }
}

/** A browser that stores nothing is signed in until the page is closed. */
export function storeSession(session: StoredSession): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(session))
  } catch {
    // The session lives on in this page.
  }
}

export function forgetSession(): void {
  localStorage.removeItem(KEY)
}

export function isAboutSession({ key }: StorageEvent): boolean {
  return key === KEY
}
