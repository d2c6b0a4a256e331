/** Namespaces of a real controller: those that objects live in, and those that somebody declared. */
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { RESOURCES, type AgentService, type ConfigMap, type Namespace, type Secret } from '@orc/schemas'
import { ApiError } from '@orc/sdk/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOrc, type Orc } from './harness.ts'

const { agentservices, configmaps, namespaces, secrets } = RESOURCES
let orc: Orc

beforeAll(async () => {
  orc = await startOrc({ manifests: { 'web.yaml': serviceText('web', 'team-a') } })
})
afterAll(() => orc.stop())

function serviceText(name: string, namespace: string): string {
  return `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {command: [sleep, '300'], operatingMode: Stopped}\n`
}

const names = async (): Promise<string[]> =>
  (await orc.client.list<Namespace>(namespaces)).items.map(({ metadata }) => metadata.name)
const file = (name: string): string => path.join(orc.manifestsDir, `${name}.namespace.yaml`)
const refusal = async (attempt: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof ApiError ? error.status : error
}
const namespace = (name: string): Namespace => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
const configMap = (name: string, where: string): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: where },
})
const gone = (name: string): Promise<true> =>
  orc.waitFor(`${name} to be gone`, async () => !(await names()).includes(name) || undefined)

test('default is there, and every namespace that an object lives in', async () => {
  expect(await names()).toEqual(['default', 'team-a'])
  const found = await orc.client.get<Namespace>(namespaces, 'team-a')
  expect(found.status).toEqual({ phase: 'Active' })
  expect(found.metadata.namespace).toBeUndefined()
  await orc.restart()
  const later = await orc.client.get<Namespace>(namespaces, 'team-a')
  expect([later.metadata.uid, later.metadata.creationTimestamp]).toEqual([
    found.metadata.uid,
    found.metadata.creationTimestamp,
  ])
  expect((await orc.client.get<Namespace>(namespaces, 'default')).metadata.uid).not.toBe(found.metadata.uid)
})

test('a write into a namespace makes it, and the last object takes it along; a watch tells of both', async () => {
  const told: string[] = []
  const { metadata } = await orc.client.list<Namespace>(namespaces)
  const end = new AbortController()
  const watching = (async () => {
    const events = orc.client.watch<Namespace>(namespaces, metadata, end.signal)
    for await (const event of events) told.push(`${event.type} ${event.object.metadata.name}`)
  })().catch(() => undefined)
  await orc.client.create(configmaps, configMap('c', 'team-b'))
  expect(await names()).toContain('team-b')
  const secret: Secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'team-b' } }
  await orc.client.create(secrets, secret)
  await orc.client.delete(configmaps, 'c', 'team-b')
  expect(await names()).toContain('team-b')
  await orc.client.delete(secrets, 's', 'team-b')
  await gone('team-b')
  await orc.waitFor('the watch to tell', () => told.length >= 2 || undefined)
  end.abort()
  await watching
  expect(told).toEqual(['ADDED team-b', 'DELETED team-b'])
})

test('a declared one is a file, stays without objects, and is deleted when it is empty', async () => {
  const { object } = await orc.client.create<Namespace>(namespaces, namespace('team-c'))
  expect(object.status).toEqual({ phase: 'Active' })
  expect(await readFile(file('team-c'), 'utf8')).toBe('apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team-c\n')
  expect(await refusal(orc.client.create(namespaces, namespace('team-c')))).toMatchObject({ reason: 'AlreadyExists' })
  await orc.client.create(configmaps, configMap('c', 'team-c'))
  expect(await refusal(orc.client.delete(namespaces, 'team-c', ''))).toMatchObject({
    code: 409,
    message: expect.stringContaining('it holds an object (1 ConfigMap). Delete it first') as string,
  })
  await orc.client.delete(configmaps, 'c', 'team-c')
  expect(await names()).toContain('team-c')
  await orc.client.delete(namespaces, 'team-c', '')
  expect(existsSync(file('team-c'))).toBe(false)
  await gone('team-c')
})

test('a declaration that goes leaves the namespace to its objects', async () => {
  const patched = await orc.client.patch<Namespace>(namespaces, 'team-a', '', {
    metadata: { labels: { owner: 'a' } },
  })
  expect(patched.object.metadata.labels).toEqual({ owner: 'a' })
  expect(await readFile(file('team-a'), 'utf8')).toContain('owner: a')
  await rm(file('team-a'))
  await orc.waitFor(
    'the declaration to be gone',
    async () => (await orc.client.get<Namespace>(namespaces, 'team-a')).metadata.labels === undefined || undefined,
  )
  expect(await names()).toContain('team-a')
  expect((await orc.client.get<AgentService>(agentservices, 'web', 'team-a')).spec.operatingMode).toBe('Stopped')
})

test('what cannot be', async () => {
  expect(await refusal(orc.client.delete(namespaces, 'default', ''))).toMatchObject({
    code: 403,
    message: 'namespaces "default" is forbidden: this namespace may not be deleted',
  })
  expect(await refusal(orc.client.delete(namespaces, 'nowhere', ''))).toMatchObject({ code: 404 })
  expect(await refusal(orc.client.delete(namespaces, 'team-a', ''))).toMatchObject({ code: 409 })
  expect(
    await refusal(orc.client.create(namespaces, { ...namespace('x'), metadata: { name: 'x', namespace: 'y' } })),
  ).toMatchObject({ code: 422, details: { causes: [{ field: 'metadata.namespace' }] } })
  expect(await refusal(orc.client.create(namespaces, namespace('Not-A-Name')))).toMatchObject({ code: 422 })
})

test('tries of all of it change nothing', async () => {
  const before = JSON.stringify(await orc.client.list(namespaces))
  const send = (method: 'POST' | 'PATCH' | 'DELETE', name: string, body?: unknown): Promise<unknown> =>
    orc.client.raw({
      method,
      path: `/api/v1/namespaces${name}?dryRun=All`,
      ...(body !== undefined && { body }),
      ...(method === 'PATCH' && { contentType: 'application/merge-patch+json' }),
    })
  expect(await send('POST', '', namespace('new'))).toMatchObject({ status: { phase: 'Active' } })
  expect(await send('PATCH', '/team-a', { metadata: { labels: { x: 'y' } } })).toMatchObject({
    metadata: { labels: { x: 'y' } },
    status: { phase: 'Active' },
  })
  await expect(send('DELETE', '/team-a')).rejects.toMatchObject({ status: { code: 409 } })
  expect(JSON.stringify(await orc.client.list(namespaces))).toBe(before)
  expect(existsSync(file('new'))).toBe(false)
})
