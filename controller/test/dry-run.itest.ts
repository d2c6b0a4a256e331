/** Writes that are only tried, and deletions on conditions, on real files. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { keyOf, type AgentService, type Declared, type Secret } from '@orc/schemas'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../src/clock.ts'
import { SecretStore } from '../src/objects/secret-store.ts'
import type { ObjectWriter, UpdateDecision, WriteResult } from '../src/ports/object-writer.ts'
import { cache, dir, get, keyFor, open, root, save, service, setUp, tearDown, there, writer } from './store-fixture.ts'

beforeEach(async () => {
  await setUp()
  await mkdir(path.join(dir, 'secrets'))
  await mkdir(path.join(dir, 'shared'))
})
afterEach(tearDown)

/** Every file with its inode and bytes, and everything in the cache: whatever changes shows here. */
function everything(): string {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => [file, statSync(file).ino, readFileSync(file, 'utf8')])
  const objects = ['AgentService', 'ConfigMap', 'Secret', 'Manifest'].map((kind) => cache.list(kind))
  return JSON.stringify([files, objects, cache.snapshotVersion()])
}

type Act = (to: ObjectWriter, dryRun: boolean) => Promise<WriteResult>

/** Tries, then does; both answers without what a write alone can give. */
async function both(to: ObjectWriter, act: Act): Promise<[unknown, unknown]> {
  const before = everything()
  const tried = await act(to, true)
  expect(everything()).toBe(before)
  const done = await act(to, false)
  if (tried.ok && tried.file !== undefined) expect(textOf(tried.file.spec.path)).toBe(tried.file.spec.text)
  return [plain(tried), plain(done)]
}

/** '' where there is no file. */
function textOf(file: string): string {
  return existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), 'utf8') : ''
}

function plain(result: WriteResult): unknown {
  if (!result.ok) return result
  const { resourceVersion: _version, uid: _uid, creationTimestamp: _time, ...metadata } = result.object.metadata
  const { file: _file, ...answer } = result
  return { ...answer, object: { ...result.object, metadata } }
}

const put =
  (change: (current: AgentService) => Declared): ((current: Declared) => UpdateDecision) =>
  (current) => ({ ok: true, object: change(current as AgentService) })

const scaled = put((current) => ({ ...current, spec: { ...current.spec, replicas: 3 } }))
const made = { apiVersion: 'orc.dev/v1alpha1', kind: 'AgentService', metadata: { name: 'b' }, spec: { command: ['x'] } }

test.each<[string, Act]>([
  ['a creation', (to, dryRun) => to.create(made, { dryRun })],
  ['a creation of what is there', (to, dryRun) => to.create({ ...made, metadata: { name: 'a' } }, { dryRun })],
  ['a creation that is not valid', (to, dryRun) => to.create({ ...made, spec: {} }, { dryRun })],
  [
    'a creation with a warning',
    (to, dryRun) => to.create({ ...made, spec: { command: ['x'], resources: { limits: { pids: 3 } } } }, { dryRun }),
  ],
  [
    'a creation with an annotation of a tool',
    (to, dryRun) =>
      to.create({ ...made, metadata: { name: 'b', annotations: { 'meta.helm.sh/x': '1', own: '2' } } }, { dryRun }),
  ],
  [
    'a creation where a file is in the way',
    (to, dryRun) => to.create({ ...made, metadata: { name: 'taken' } }, { dryRun }),
  ],
  [
    'a creation that is too large',
    (to, dryRun) =>
      to.create({ ...made, metadata: { name: 'b', annotations: { x: 'y'.repeat(270_000) } } }, { dryRun }),
  ],
  ['a change', (to, dryRun) => to.update(keyFor('a'), scaled, { dryRun })],
  [
    'a change that makes the file too large',
    (to, dryRun) =>
      to.update(
        keyFor('a'),
        put((current) => ({ ...current, spec: { ...current.spec, args: ['x'.repeat(270_000)] } })),
        { dryRun },
      ),
  ],
  [
    'a change of nothing',
    (to, dryRun) =>
      to.update(
        keyFor('a'),
        put((current) => current),
        { dryRun },
      ),
  ],
  [
    'a change that is not valid',
    (to, dryRun) =>
      to.update(
        keyFor('a'),
        put((current) => ({ ...current, spec: { ...current.spec, replicas: -1 } })),
        { dryRun },
      ),
  ],
  [
    'a change of labels alone',
    (to, dryRun) =>
      to.update(
        keyFor('a'),
        put((current) => ({ ...current, metadata: { ...current.metadata, labels: { x: 'y' } } })),
        { dryRun },
      ),
  ],
  ['a change of what is not there', (to, dryRun) => to.update(keyFor('z'), scaled, { dryRun })],
  ['a change of a read-only source', (to, dryRun) => to.update(keyFor('far'), scaled, { dryRun })],
  ['a deletion', (to, dryRun) => to.delete(keyFor('a'), { dryRun })],
  ['a deletion of one of several', (to, dryRun) => to.delete(keyFor('first'), { dryRun })],
  ['a deletion of what is declared twice', (to, dryRun) => to.delete(keyFor('twice'), { dryRun })],
  ['a deletion in a read-only source', (to, dryRun) => to.delete(keyFor('far'), { dryRun })],
  [
    'a deletion that is refused',
    (to, dryRun) => to.delete(keyFor('a'), { dryRun, check: () => ({ reason: 'Conflict', message: 'No.' }) }),
  ],
])('%s: what is tried answers what is done, and changes nothing', async (_, act) => {
  await save('a.yaml', service('a'))
  await save('two.yaml', `${service('first')}---\n${service('second')}`)
  await save('t1.yaml', service('twice'))
  await save('t2.yaml', service('twice'))
  await mkdir(path.join(root, 'default'))
  await save('default/taken.agentservice.yaml', service('elsewhere'))
  await writeFile(path.join(dir, 'shared', 'far.yaml'), service('far'))
  await open()
  await there('a')
  const [tried, done] = await both(writer, act)
  expect(tried).toEqual(done)
})

test('a directory that cannot be written is told when it is tried', async ({ skip }) => {
  if (process.getuid?.() === 0) skip('root may write everywhere')
  await save('a.yaml', service('a'))
  await open()
  await there('a')
  await chmod(root, 0o555)
  for (const act of [
    (to: ObjectWriter, dryRun: boolean) => to.create(made, { dryRun }),
    (to: ObjectWriter, dryRun: boolean) => to.update(keyFor('a'), scaled, { dryRun }),
    (to: ObjectWriter, dryRun: boolean) => to.delete(keyFor('a'), { dryRun }),
  ]) {
    const [tried] = await both(writer, act)
    expect(tried).toMatchObject({ ok: false, refusal: { reason: 'Forbidden' } })
  }
  await chmod(root, 0o755)
})

test('secrets of the state directory are tried in the same way', async () => {
  await open()
  const secrets = new SecretStore(path.join(dir, 'secrets'), cache, systemClock)
  const key = keyOf('Secret', 'default', 's')
  const sent = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { a: 'b' } }
  const acts: Act[] = [
    (to, dryRun) => to.create(sent, { dryRun }),
    (to, dryRun) => to.create(sent, { dryRun }),
    (to, dryRun) =>
      to.update(key, (current) => ({ ok: true, object: { ...(current as Secret), data: { c: 'ZA==' } } }), { dryRun }),
    (to, dryRun) => to.update(key, (current) => ({ ok: true, object: current }), { dryRun }),
    (to, dryRun) => to.delete(key, { dryRun, check: () => ({ reason: 'Conflict', message: 'No.' }) }),
    (to, dryRun) => to.delete(key, { dryRun }),
    (to, dryRun) => to.delete(key, { dryRun }),
  ]
  for (const act of acts) {
    const [tried, done] = await both(secrets, act)
    expect(tried).toEqual(done)
  }
})

test('the condition of a deletion is asked of what the write before it left', async () => {
  await save('a.yaml', service('a'))
  await open()
  const seen = (await there('a')).metadata.resourceVersion
  const change = writer.update(keyFor('a'), scaled)
  const removal = writer.delete(keyFor('a'), {
    check: ({ metadata }) =>
      metadata.resourceVersion === seen ? undefined : { reason: 'Conflict', message: 'It has been modified.' },
  })
  expect((await change).ok).toBe(true)
  expect(await removal).toMatchObject({ ok: false, refusal: { reason: 'Conflict' } })
  expect(get('a')?.spec.replicas).toBe(3)
})

test('an edit that was saved by hand a moment ago counts for the condition', async () => {
  await save('a.yaml', service('a'))
  await open()
  const { generation } = (await there('a')).metadata
  await save('a.yaml', service('a', '  replicas: 2\n'))
  const removal = await writer.delete(keyFor('a'), {
    check: ({ metadata }) =>
      metadata.generation === generation ? undefined : { reason: 'Conflict', message: 'It has been modified.' },
  })
  expect(removal).toMatchObject({ ok: false, refusal: { reason: 'Conflict' } })
})
