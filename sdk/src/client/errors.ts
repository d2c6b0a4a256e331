/** The two ways in which a request fails: the server said no, or nobody answered. */
import type { Status } from '@orc/schemas'

/** The server answered with a `Status` of failure. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: Status
  constructor(status: Status) {
    super(status.message ?? status.reason ?? `the server answered ${String(status.code)}`)
    this.status = status
  }
  get code(): number {
    return this.status.code
  }
  get reason(): string {
    return this.status.reason ?? ''
  }
}

/** No answer: nothing listens there, or the connection broke. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
}

/** Reads the `Status` out of an answer, or makes one when the body is none. */
export function apiError(code: number, text: string): ApiError {
  try {
    const body = JSON.parse(text) as Status
    if ((body as { kind?: unknown } | null)?.kind === 'Status') return new ApiError(body)
  } catch {
    // Not JSON: a proxy, or another server altogether.
  }
  const message = `the server answered ${String(code)}: ${text.slice(0, 200)}`
  return new ApiError({ apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', code, message })
}
