/** An editor's way through the API of a real controller: read, try, preview, write; also when the controller is killed. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { RESOURCES, type AgentService, type Manifest } from '@orc/schemas'
import { ApiError, type Write, type Written } from '@orc/sdk/client'
import Database from 'libsql'
import { afterEach, expect, test } from 'vitest'
import { startOrc, type Orc } from './harness.ts'

const { agentservices, manifests, pods, secrets } = RESOURCES

let orc: Orc

afterEach(() => orc.stop())

const service = (name: string, more = ''): string => `apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata: {name: ${name}} # ${name} it is
spec:
  command: [sleep, "300"]
${more}`

const read = (file: string): Promise<string> => readFile(path.join(orc.manifestsDir, file), 'utf8')
const getText = (name: string): Promise<Manifest> => orc.client.get<Manifest>(manifests, name)

async function statusOf(promise: Promise<unknown>): Promise<ApiError['status']> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ApiError)) throw new Error(`expected a refusal, got ${String(error)}`)
  return error.status
}

test('the client reads, tries, writes, makes and removes files', async () => {
  const text = `\uFEFF# kept\r\n${service('a').replaceAll('\n', '\r\n')}`
  orc = await startOrc({ manifests: { 'a.yaml': text } })
  const { client } = orc
  const file = await getText('a.yaml')
  expect(file.spec).toMatchObject({ path: 'a.yaml', text })
  expect((await client.list<Manifest>(manifests)).items.map(({ spec }) => spec)).toEqual([{ path: 'a.yaml' }])

  const wanted = `${text}---\r\n${service('b', '  replicas: 2\n')}`
  const tried = await client.replaceManifest(file, wanted, { dryRun: true })
  expect(tried.object.status.changes?.map(({ type, name }) => `${type} ${name}`)).toEqual(['Added b'])
  expect(await read('a.yaml')).toBe(text)
  const written = await client.replaceManifest(tried.object, wanted)
  expect(await read('a.yaml')).toBe(wanted)
  expect((await client.get<AgentService>(agentservices, 'b', 'default')).spec.replicas).toBe(2)

  expect(await statusOf(client.replaceManifest(file, service('c')))).toMatchObject({ code: 409, reason: 'Conflict' })
  const invalid = await statusOf(client.replaceManifest(written.object, service('a', '  replicas: x\n')))
  expect(invalid).toMatchObject({
    code: 422,
    details: {
      causes: [{ field: 'spec.text', message: expect.stringMatching(/^a\.yaml:6:13: spec\.replicas/) as string }],
    },
  })
  expect(await read('a.yaml')).toBe(wanted)

  const made = await client.createManifest('team/c.yaml', service('c'))
  expect(await read('team/c.yaml')).toBe(service('c'))
  expect(await statusOf(client.createManifest('team/c.yaml', service('c')))).toMatchObject({
    code: 409,
    reason: 'AlreadyExists',
  })
  expect(await statusOf(client.createManifest('../c.yaml', service('c')))).toMatchObject({ code: 422 })
  await client.delete(manifests, made.object.metadata.name, '')
  expect(existsSync(path.join(orc.manifestsDir, 'team/c.yaml'))).toBe(false)
  expect(await statusOf(client.get(agentservices, 'c', 'default'))).toMatchObject({ code: 404 })
})

test('a preview is the file that the write makes, byte for byte', async () => {
  const text = `# head\n${service('a', '  replicas: 1 # few\n')}---\n${service('b')}`
  orc = await startOrc({ manifests: { 'm.yaml': text } })
  const { client } = orc
  const previews = async (write: Write, file: string, done: () => Promise<unknown>): Promise<Written<Manifest>> => {
    const before = existsSync(path.join(orc.manifestsDir, file)) ? await read(file) : undefined
    const preview = await client.preview(write)
    expect(existsSync(path.join(orc.manifestsDir, file)) ? await read(file) : undefined).toBe(before)
    if (before !== undefined) expect(preview.object.spec.sha256).toBe((await getText(file)).spec.sha256)
    await done()
    expect(preview.object.spec).toMatchObject({ path: file, text: await read(file) })
    return preview
  }
  const place = { resource: agentservices, name: 'a', namespace: 'default' } as const
  const patch = { spec: { replicas: 3, description: 'many' } }
  const scaled = await previews({ verb: 'patch', ...place, patch }, 'm.yaml', () =>
    client.patch(agentservices, 'a', 'default', patch),
  )
  expect(scaled.object.spec.text).toContain('replicas: 3 # few')
  expect(scaled.object.status.changes).toEqual([
    { type: 'Changed', kind: 'AgentService', namespace: 'default', name: 'a' },
  ])

  const stored = await client.get<AgentService>(agentservices, 'a', 'default')
  // Without its version: the status of a service that starts changes all the time.
  const { resourceVersion: _version, ...metadata } = stored.metadata
  const object = { ...stored, metadata, spec: { ...stored.spec, args: ['x'] } }
  await previews({ verb: 'replace', resource: agentservices, object }, 'm.yaml', () =>
    client.replace(agentservices, object),
  )
  await previews({ verb: 'delete', ...place }, 'm.yaml', () => client.delete(agentservices, 'a', 'default'))
  const fresh: AgentService = {
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'AgentService',
    metadata: { name: 'n', namespace: 'default' },
    spec: { command: ['sleep', '9'] },
  }
  await previews({ verb: 'create', resource: agentservices, object: fresh }, 'default/n.agentservice.yaml', () =>
    client.create(agentservices, fresh),
  )

  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' }, data: {} }
  expect(await statusOf(client.preview({ verb: 'create', resource: secrets, object: secret }))).toMatchObject({
    code: 406,
  })
  const pod = { resource: pods, name: 'b-0', namespace: 'default' }
  expect(await statusOf(client.preview({ verb: 'delete', ...pod }))).toMatchObject({ code: 406 })
  expect(
    await statusOf(
      client.raw({
        method: 'DELETE',
        path: '/apis/orc.dev/v1alpha1/namespaces/default/agentservices/b',
        accept: 'application/json;as=Manifest;v=v1alpha1;g=orc.dev',
      }),
    ),
  ).toMatchObject({ code: 400 })
  expect((await client.get<AgentService>(agentservices, 'b', 'default')).metadata.name).toBe('b')
})

test('a write leaves one row with the names of what it changed', async () => {
  orc = await startOrc({ manifests: { 'a.yaml': service('a') } })
  const { client } = orc
  const { object } = await client.replaceManifest(await getText('a.yaml'), service('b'))
  await client.replaceManifest(object, service('a'), { dryRun: true })
  const row = await orc.waitFor('the row to be stored', () => mutationsOf(orc)[0])
  expect(row).toMatchObject({ verb: 'update', kind: 'Manifest', name: 'a.yaml', code: 200 })
  expect(JSON.parse(String(row['changed']))).toEqual(['Added AgentService default/b', 'Removed AgentService default/a'])
  await client.replaceManifest(object, service('a'))
  expect(await orc.waitFor('the second row', () => mutationsOf(orc)[1])).toMatchObject({ code: 200 })
  expect(mutationsOf(orc)).toHaveLength(2)
})

function mutationsOf({ stateDir }: Orc): Record<string, unknown>[] {
  const file = path.join(stateDir, 'history.db')
  if (!existsSync(file)) return []
  const database = new Database(file)
  try {
    return database.prepare('SELECT * FROM mutations ORDER BY id').all() as Record<string, unknown>[]
  } catch {
    return []
  } finally {
    database.close()
  }
}

const ROUNDS = process.env['ORC_TEST_LONG'] === undefined ? 10 : 100

test(`${String(ROUNDS)} kills during writes of texts leave the old or the new one`, async () => {
  orc = await startOrc({ manifests: { 'a.yaml': service('a', '  description: v0\n') } })
  const version = (text: string): number => Number(/^ {2}description: v(\d+)$/m.exec(text)?.[1])
  let acknowledged = 0
  for (let round = 1; round <= ROUNDS; round += 1) {
    const { client } = orc
    const file = await getText('a.yaml')
    const write = client
      .replaceManifest(file, service('a', `  description: v${String(round)}\n`))
      .then(() => {
        acknowledged = round
      })
      .catch(() => undefined)
    // From before the rename to after the look at the old file.
    await new Promise((resolve) => setTimeout(resolve, (round % 10) * 60))
    await orc.kill()
    await write
    const text = await read('a.yaml')
    expect(text).toBe(service('a', `  description: v${String(version(text))}\n`))
    expect([version(file.spec.text ?? ''), round]).toContain(version(text))
    expect(version(text)).toBeGreaterThanOrEqual(acknowledged)
    await orc.restart()
  }
  expect(acknowledged).toBeGreaterThan(0)
  expect(acknowledged).toBeLessThan(ROUNDS)
  expect(await readdir(orc.manifestsDir)).toEqual(['a.yaml'])
}, 120_000)
