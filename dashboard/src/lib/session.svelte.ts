/** Who is signed in: the one-time code of the address bar becomes a token, kept in this browser until it ends. */
import { ApiError, OrcClient } from '@orc/sdk/client'
import { browserTransport } from '#lib/browser-transport.ts'
import { codeIn } from '#lib/one-time-code.ts'
import { forgetSession, isAboutSession, storedSession, storeSession, type StoredSession } from '#lib/stored-session.ts'

export type SignInProblem = 'NoCode' | 'BadCode' | 'Ended' | { readonly message: string }

export type SessionState =
  | { readonly type: 'SignedOut'; readonly problem: SignInProblem }
  | { readonly type: 'SigningIn' }
  | { readonly type: 'SignedIn'; readonly client: OrcClient }

class Session {
  #state = $state.raw<SessionState>({ type: 'SignedOut', problem: 'NoCode' })

  get state(): SessionState {
    return this.#state
  }

  /** Once, before anything is drawn: the code must not stay in the address bar while something loads. */
  start(): void {
    this.#resume()
    this.#signInByAddress()
    // `orc dashboard` opened in a tab that shows the dashboard already changes the fragment only.
    addEventListener('hashchange', () => this.#signInByAddress())
    // Another tab signed in, or its session ended.
    addEventListener('storage', (event) => {
      if (isAboutSession(event)) this.#resume()
    })
  }

  async signIn(code: string): Promise<void> {
    const before = this.#state
    this.#state = { type: 'SigningIn' }
    try {
      const client = new OrcClient(browserTransport({}))
      const session = await client.raw<StoredSession>({ method: 'POST', path: '/auth/sessions', body: { code } })
      storeSession(session)
      this.#enter(session.token)
    } catch (error) {
      // A used link opened again is no reason to throw out who is in.
      this.#state = before.type === 'SignedIn' ? before : { type: 'SignedOut', problem: problemOf(error) }
    }
  }

  /** Also on the server: whoever copied the session is out as well. */
  async signOut(): Promise<void> {
    if (this.#state.type !== 'SignedIn') return
    const { client } = this.#state
    forgetSession()
    this.#state = { type: 'SignedOut', problem: 'NoCode' }
    // A server that is away learns nothing of it; the session then ends by its time.
    await client.raw({ method: 'DELETE', path: '/auth/sessions/self' }).catch(() => undefined)
  }

  #signInByAddress(): void {
    const code = codeIn(location.hash)
    if (code === undefined) return
    history.replaceState(history.state, '', location.pathname + location.search)
    void this.signIn(code)
  }

  #resume(): void {
    const session = storedSession()
    if (session !== undefined) this.#enter(session.token)
    else if (this.#state.type === 'SignedIn') this.#state = { type: 'SignedOut', problem: 'Ended' }
  }

  #enter(token: string): void {
    const client = new OrcClient(browserTransport({ token, onUnauthorized: () => this.#end(token) }))
    this.#state = { type: 'SignedIn', client }
  }

  /** Only if it is still the session that ended: another tab may have signed in meanwhile. */
  #end(token: string): void {
    if (storedSession()?.token === token) forgetSession()
    this.#resume()
  }
}

function problemOf(error: unknown): SignInProblem {
  if (error instanceof ApiError && error.code === 401) return 'BadCode'
  return { message: error instanceof Error ? error.message : String(error) }
}

export const session = new Session()
