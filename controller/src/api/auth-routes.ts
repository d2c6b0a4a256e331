/** How a browser gets in and out: who holds the admin's token makes a code, which becomes a session, once. */
import type { Clock } from '../clock.ts'
import { json } from './answer.ts'
import { JSON_TYPES, readBody, SMALL_BODY_BYTES } from './body.ts'
import type { Answer, Call } from './call.ts'
import type { Credentials } from './credentials.ts'
import { badRequest, Failure, tooMany, unauthorized } from './errors.ts'
import { isObject } from './patch.ts'
import { RateLimit } from './rate-limit.ts'
import type { PathOperation } from './system-routes.ts'

const NOT_KEPT = { 'Cache-Control': 'no-store' }

export function authRoutes(credentials: Credentials, clock: Clock): Readonly<Record<string, PathOperation>> {
  const attempts = new RateLimit({ clock, most: 20, periodMs: 60_000 })
  return {
    '/auth/codes': () => json(201, credentials.createCode(), NOT_KEPT),
    '/auth/sessions': (call) => createSession(call, credentials, attempts),
    // The admin's own token is no session, and ends with its file only.
    '/auth/sessions/self': ({ user }) => {
      user?.session?.end()
      return json(200, { ended: user?.session !== undefined }, NOT_KEPT)
    },
  }
}

async function createSession({ request }: Call, credentials: Credentials, attempts: RateLimit): Promise<Answer> {
  const waitMs = attempts.take()
  if (waitMs > 0) return tooMany('too many sign-ins; wait a moment', Math.ceil(waitMs / 1000))
  const body = await readBody(request, { types: JSON_TYPES, limit: SMALL_BODY_BYTES })
  if (body instanceof Failure) return body
  const code = isObject(body.value) ? body.value['code'] : undefined
  if (typeof code !== 'string') return badRequest('the body must be {"code": "..."}')
  const session = credentials.exchangeCode(code)
  return session === undefined ? unauthorized() : json(201, session, NOT_KEPT)
}
