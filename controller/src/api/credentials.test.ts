import { beforeEach, expect, test } from 'vitest'
import { FakeClock } from '../clock-fake.ts'
import type { SessionMemory } from '../ports/session-memory.ts'
import { CODE_MS, Credentials, SESSION_MS } from './credentials.ts'
import { TOKEN } from './server-fake.ts'

let clock: FakeClock
let credentials: Credentials

beforeEach(() => {
  clock = new FakeClock()
  credentials = new Credentials({ adminToken: TOKEN, clock })
})

const session = (): string => credentials.exchangeCode(credentials.createCode().code)?.token ?? ''

test('only the token itself is the admin', () => {
  expect(credentials.authenticate(TOKEN)).toEqual({ name: 'admin', credential: 'Token' })
  for (const wrong of ['', TOKEN.slice(1), `${TOKEN}x`, TOKEN.toUpperCase(), `${TOKEN.slice(0, -1)}x`])
    expect(credentials.authenticate(wrong)).toBeUndefined()
})

test('a token that can be guessed is not taken into service', () => {
  for (const adminToken of ['', 'admin', 'x'.repeat(42)]) expect(() => new Credentials({ adminToken, clock })).toThrow()
})

test('a code makes one session, and knows when it ends', () => {
  const { code, expirationTimestamp } = credentials.createCode()
  expect(code).toMatch(/^[\w-]{43}$/)
  expect(Date.parse(expirationTimestamp) - clock.wallMs()).toBe(CODE_MS)
  const issued = credentials.exchangeCode(code)
  expect(issued?.token).toMatch(/^[\w-]{43}$/)
  expect(Date.parse(issued?.expirationTimestamp ?? '') - clock.wallMs()).toBe(SESSION_MS)
  expect(credentials.exchangeCode(code)).toBeUndefined()
  expect(credentials.authenticate(code)).toBeUndefined()
})

test('a code is good for two minutes', () => {
  const [first, second] = [credentials.createCode(), credentials.createCode()]
  clock.advance(CODE_MS - 1)
  expect(credentials.exchangeCode(first.code)).toBeDefined()
  clock.advance(1)
  expect(credentials.exchangeCode(second.code)).toBeUndefined()
})

test('a session is good for twelve hours, whatever happens to the wall clock', () => {
  const token = session()
  clock.setWall(0)
  clock.advance(SESSION_MS - 1)
  expect(credentials.authenticate(token)).toMatchObject({
    name: 'admin',
    credential: 'Session',
    expiresAtMs: clock.nowMs() + 1,
  })
  clock.advance(1)
  expect(credentials.authenticate(token)).toBeUndefined()
})

test('the oldest goes when there are too many', () => {
  const codes = Array.from({ length: 65 }, () => credentials.createCode().code)
  expect(credentials.exchangeCode(codes[0] ?? '')).toBeUndefined()
  expect(credentials.exchangeCode(codes[1] ?? '')).toBeDefined()
  const sessions = Array.from({ length: 256 }, session)
  expect(credentials.authenticate(sessions[0] ?? '')).toBeDefined()
  session()
  expect(credentials.authenticate(sessions[0] ?? '')).toBeUndefined()
  expect(credentials.authenticate(sessions[1] ?? '')).toBeDefined()
})

test('a session outlives the controller for what is left of its time, and none under another token', () => {
  let kept: ReturnType<SessionMemory['read']>
  const memory: SessionMemory = { read: () => kept, write: (sessions) => (kept = structuredClone(sessions)) }
  const begin = (adminToken = TOKEN): Credentials => new Credentials({ adminToken, clock, memory })
  credentials = begin()
  const [first, second] = [session(), session()]
  expect(JSON.stringify(kept)).not.toContain(first)
  clock.advance(SESSION_MS - 1000)
  const third = session()
  for (const token of [first, second, third]) expect(begin().authenticate(token)).toBeDefined()
  expect(begin('x'.repeat(43)).authenticate(third)).toBeUndefined()
  credentials = begin()
  clock.advance(1000)
  expect(credentials.authenticate(first)).toBeUndefined()
  expect(begin().authenticate(second)).toBeUndefined()
  expect(begin().authenticate(third)).toMatchObject({ credential: 'Session' })
})
