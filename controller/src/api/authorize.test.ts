import { describe, expect, test } from 'vitest'
import { authorize, type Attributes } from './authorize.ts'
import type { User } from './credentials.ts'

const ADMIN: User = { name: 'admin', credential: 'Token' }
const SESSION: User = { name: 'admin', credential: 'Session', expiresAtMs: 1 }
const pods: Attributes = { type: 'Resource', verb: 'list', group: '', resource: 'pods', namespace: 'default' }

const codeOf = (user: User | undefined, attributes: Attributes): number | undefined =>
  authorize(user, attributes)?.status.code

describe('what the table has', () => {
  test('is for those who are known', () => {
    expect([codeOf(ADMIN, pods), codeOf(SESSION, pods), codeOf(undefined, pods)]).toEqual([undefined, undefined, 401])
  })
})

describe('what the table does not have is denied, in whatever way it is asked for', () => {
  test.each<Attributes>([
    { ...pods, verb: 'create' },
    { ...pods, verb: 'patch' },
    { ...pods, resource: 'nodes' },
    { ...pods, group: 'orc.dev' },
    { ...pods, verb: 'get', subresource: 'exec' },
    { ...pods, verb: 'update', subresource: 'log' },
    { ...pods, verb: 'impersonate' as never },
    { type: 'Resource', verb: 'watch', group: 'metrics.k8s.io', resource: 'pods' },
    { type: 'Resource', verb: 'delete', group: 'orc.dev', resource: 'agentservices', subresource: 'scale' },
    { type: 'Resource', verb: 'get', group: '', resource: 'constructor' },
  ])('%j', (attributes) => {
    expect([codeOf(ADMIN, attributes), codeOf(SESSION, attributes), codeOf(undefined, attributes)]).toEqual([
      403, 403, 401,
    ])
  })

  test('the sentence says who may not do what where', () => {
    expect(authorize(ADMIN, { ...pods, verb: 'create', subresource: 'exec' })?.status.message).toBe(
      'User "admin" cannot create resource "pods/exec" in API group "" in the namespace "default"',
    )
  })
})

describe('paths', () => {
  test.each<[string, string, (number | undefined)[]]>([
    ['/livez', 'GET', [undefined, undefined, undefined]],
    ['/livez', 'POST', [404, 404, 401]],
    ['/orc', 'GET', [undefined, undefined, 401]],
    ['/auth/codes', 'POST', [undefined, 403, 401]],
    ['/auth/sessions', 'POST', [undefined, undefined, undefined]],
    ['/auth/sessions', 'GET', [404, 404, 401]],
    ['/auth/sessions/self', 'DELETE', [undefined, undefined, 401]],
    ['/constructor', 'GET', [404, 404, 401]],
    ['constructor', 'GET', [404, 404, 401]],
    ['/other', 'GET', [404, 404, 401]],
  ])('%s %s', (path, method, expected) => {
    expect([ADMIN, SESSION, undefined].map((user) => codeOf(user, { type: 'Path', path, method }))).toEqual(expected)
  })
})
