/** The text of manifest files through the API's writer, on real files: byte for byte, and never over somebody else's edit. */
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, open as openFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { keyOf, type Declared, type Key, type Manifest } from '@orc/schemas'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { WriteResult } from '../src/ports/object-writer.ts'
import {
  cache,
  dir,
  fileWriter,
  get,
  holds,
  keyFor,
  manifest,
  open,
  root,
  save,
  service,
  setUp,
  store,
  tearDown,
  there,
  warnings,
  writer,
} from './store-fixture.ts'
import { poll } from './harness.ts'

beforeEach(async () => {
  await setUp()
  await mkdir(path.join(dir, 'shared'))
})
afterEach(tearDown)

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')
const keyOfFile = (file: string): Key => keyOf('Manifest', 'default', manifest(file)?.metadata.name ?? file)

async function texted(file: string): Promise<Manifest> {
  const found = manifest(file)
  if (found === undefined) throw new Error(`${file} is not loaded`)
  return fileWriter.withText(found)
}

function put(file: string, text: string, sha256: string | undefined, dryRun = false): Promise<WriteResult> {
  const decide = (current: Declared) => ({
    ok: true as const,
    object: { ...current, spec: { text, sha256 } },
  })
  return fileWriter.update(keyOfFile(file), decide, { dryRun })
}

async function rewrite(file: string, text: string, dryRun = false): Promise<WriteResult> {
  return put(file, text, (await texted(file)).spec.sha256, dryRun)
}

function written(result: WriteResult): Manifest {
  if (!result.ok) throw new Error(JSON.stringify(result.refusal))
  return result.object as Manifest
}

function refusalOf(result: WriteResult) {
  if (result.ok) throw new Error('it was not refused')
  return result.refusal
}

const causes = (result: WriteResult): string[] => {
  const refusal = refusalOf(result)
  return refusal.reason === 'Invalid' ? refusal.causes.map(({ message }) => message) : [refusal.message]
}

const strange = `\uFEFF# first\r\n${service('a').replaceAll('\n', '\r\n')}\r\n---\r\n# second: ä 🚀\r\n${service('b').replaceAll('\n', '\r\n')}...\r\n# no end of line`

test('a text comes and goes byte for byte, line endings, byte order mark and comments included', async () => {
  await save('m.yaml', strange)
  await open()
  const before = await texted('m.yaml')
  expect(before.spec.text).toBe(strange)
  expect(before.spec.sha256).toBe(before.status.observedHash)
  const wanted = strange.replace('"60"', '"61"')
  const after = written(await rewrite('m.yaml', wanted))
  expect(read('m.yaml')).toBe(wanted)
  expect(after.spec.text).toBe(wanted)
  expect(after.status.changes).toEqual([{ type: 'Changed', kind: 'AgentService', namespace: 'default', name: 'a' }])
  expect(get('a')?.spec.command).toEqual(['sleep', '61'])
  expect(after.spec.sha256).toBe((await texted('m.yaml')).spec.sha256)
  expect(cache.list<Manifest>('Manifest').map(({ spec }) => spec)).toEqual([{ path: 'm.yaml' }])
})

test('a try says what would come of it and changes nothing', async () => {
  const text = [service('a'), service('b'), service('c')].join('---\n')
  await save('m.yaml', text)
  await open()
  const wanted = [service('a', '  replicas: 2\n'), service('c'), service('d')].join('---\n')
  const tried = written(await rewrite('m.yaml', wanted, true))
  expect(tried.status.changes?.map(({ type, name }) => `${type} ${name}`)).toEqual([
    'Changed a',
    'Added d',
    'Removed b',
  ])
  expect(read('m.yaml')).toBe(text)
  expect(get('d')).toBeUndefined()
  const done = written(await put('m.yaml', wanted, tried.spec.sha256))
  expect(done.status.changes).toEqual(tried.status.changes)
  expect(done.status.observedHash).toBe(tried.status.observedHash)
  expect([get('a')?.spec.replicas, get('b'), get('d')?.metadata.name]).toEqual([2, undefined, 'd'])
})

test('what the text says no more is deleted at once, however much it is', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  await save('m.yaml', names.map((name) => service(name)).join('---\n'))
  await open()
  written(await rewrite('m.yaml', service('a')))
  expect(names.filter((name) => get(name) !== undefined)).toEqual(['a'])
  expect(store.acceptance(keyFor('b')).status).toBe('True')
  expect(holds).toEqual({})
})

test('a file that cannot be understood can be read, and mended', async () => {
  await save('m.yaml', service('a'))
  await open()
  const broken = service('a').replace('command: [', 'command: [[')
  await save('m.yaml', broken)
  await poll('the error to show', () => (manifest('m.yaml')?.status.state === 'Invalid' ? true : undefined))
  expect((await texted('m.yaml')).spec.text).toBe(broken)
  written(await rewrite('m.yaml', service('a', '  replicas: 2\n')))
  expect(get('a')?.spec.replicas).toBe(2)
  expect(manifest('m.yaml')?.status.state).toBe('Loaded')
})

test('a text with errors is refused with the line and the column of each', async () => {
  await save('m.yaml', service('a'))
  await save('other.yaml', service('taken', '  dependsOn: [{name: a}]\n'))
  await open()
  const before = read('m.yaml')
  const bad = async (text: string): Promise<string[]> => {
    const tried = causes(await rewrite('m.yaml', text, true))
    expect(causes(await rewrite('m.yaml', text))).toEqual(tried)
    return tried
  }
  expect(await bad('a: [')).toEqual([expect.stringMatching(/^m\.yaml:1:\d+: not valid YAML/)])
  expect(await bad(service('a', '  replicas: -1\n  nonsense: 1\n'))).toEqual([
    expect.stringMatching(/^m\.yaml:8:13: spec\.replicas/),
    expect.stringMatching(/^m\.yaml:9:3: spec\.nonsense/),
  ])
  expect(await bad(`${service('a')}---\n${service('a')}`)).toEqual([
    'm.yaml:9:1: DuplicateName: this object is declared in line 1 already',
  ])
  expect(await bad(`${service('a')}---\n${service('taken')}`)).toEqual([
    'm.yaml:9:1: DuplicateName: this object is declared in other.yaml:1 already',
  ])
  expect(await bad(service('a', '  dependsOn: [{name: taken}]\n'))).toEqual([
    expect.stringMatching(/^m\.yaml:1:1: spec\.dependsOn: The service depends on itself: a -> taken -> a/),
  ])
  expect(await bad(`${service('a')}#${'x'.repeat(300_000)}`)).toEqual([expect.stringContaining('larger than 256 KiB')])
  expect(await bad(' \n')).toEqual([expect.stringContaining('delete the Manifest')])
  expect(await bad(`${service('a')}# \ud800\n`)).toEqual([expect.stringContaining('UTF-8')])
  expect(read('m.yaml')).toBe(before)
})

test('whoever edited the file since the text was read is not written over', async () => {
  await save('m.yaml', service('a'))
  await open()
  const { spec } = await texted('m.yaml')
  const theirs = service('a', '  description: theirs\n')
  await save('m.yaml', theirs)
  const result = await put('m.yaml', service('a', '  description: mine\n'), spec.sha256)
  expect(refusalOf(result).reason).toBe('Conflict')
  expect(read('m.yaml')).toBe(theirs)
  expect((await texted('m.yaml')).spec.text).toBe(theirs)
  expect(causes(await put('m.yaml', service('a'), undefined))).toEqual([expect.stringContaining('spec.sha256')])
})

test.each([
  [
    'into the file that it had open',
    (late: string, handle: { writeFile(text: string): Promise<void> }) => handle.writeFile(late),
  ],
  ['over the file', (late: string) => save('m.yaml', late)],
])('an editor that saves %s in the moment of the write is not lost', async (_, saveLate) => {
  await save('m.yaml', service('a'))
  await open()
  const late = service('a', '  description: late\n')
  const handle = await openFile(path.join(root, 'm.yaml'), 'r+')
  try {
    const ours = service('a', '  description: ours\n')
    const write = rewrite('m.yaml', ours)
    await poll('the file to be replaced', () => (read('m.yaml') === ours ? true : undefined))
    await saveLate(late, handle)
    expect(refusalOf(await write).reason).toBe('Conflict')
  } finally {
    await handle.close()
  }
  expect(read('m.yaml')).toBe(late)
  expect(get('a')?.spec.description).toBe('late')
  expect(await readdir(root)).toEqual(['m.yaml'])
})

test('two editors at once: what neither file holds is kept beside it', async () => {
  await save('m.yaml', service('a'))
  await open()
  const handle = await openFile(path.join(root, 'm.yaml'), 'r+')
  try {
    const ours = service('a', '  description: ours\n')
    const write = rewrite('m.yaml', ours)
    await poll('the file to be replaced', () => (read('m.yaml') === ours ? true : undefined))
    await handle.writeFile(service('a', '  description: one\n'))
    await save('m.yaml', service('a', '  description: two\n'))
    expect(refusalOf(await write).reason).toBe('Conflict')
  } finally {
    await handle.close()
  }
  const rescued = (await readdir(root)).find((name) => name.includes('.rescued-')) ?? ''
  expect([read('m.yaml'), read(rescued)].map((text) => /description: (.*)/.exec(text)?.[1])).toEqual(['two', 'one'])
  expect(warnings.join('\n')).toContain(rescued)
})

test('a text that takes a change of the moment before back is not taken back itself', async () => {
  await save('m.yaml', service('a'))
  await open()
  const scaled = await writer.update(keyFor('a'), (current) => ({
    ok: true,
    object: { ...current, spec: { ...(current as { spec: object }).spec, replicas: 3 } },
  }))
  expect(scaled.ok).toBe(true)
  written(await rewrite('m.yaml', service('a')))
  // The writer looks at its own change again 200 ms after it.
  const later = performance.now() + 400
  await poll('the moment to pass', () => (performance.now() > later ? true : undefined))
  expect(read('m.yaml')).toBe(service('a'))
})

const make = (file: string, text: string, dryRun = false): Promise<WriteResult> =>
  fileWriter.create({ spec: { path: file, text } }, { dryRun })

test('a new file is made where it is asked for, once', async () => {
  await open()
  const text = `# mine\n${service('a')}`
  expect(written(await make('team/x/a.yaml', text, true)).status.changes).toHaveLength(1)
  expect(existsSync(path.join(root, 'team'))).toBe(false)
  const made = written(await make('team/x/a.yaml', text))
  expect(made.spec).toMatchObject({ path: 'team/x/a.yaml', text })
  expect(read('team/x/a.yaml')).toBe(text)
  expect(get('a')?.metadata.name).toBe('a')
  for (const dryRun of [true, false])
    expect(refusalOf(await make('team/x/a.yaml', text, dryRun)).reason).toBe('AlreadyExists')
  expect(causes(await make('b.yaml', service('a')))).toEqual([expect.stringContaining('team/x/a.yaml:2')])
})

test.each([
  '',
  '/etc/a.yaml',
  '../a.yaml',
  '\ud800.yaml',
  'a/../../b.yaml',
  'a//b.yaml',
  './a.yaml',
  '.hidden.yaml',
  '.git/a.yaml',
  'a.txt',
  'a\n.yaml',
  '#a.yaml',
  'a.yaml/',
  `${'x'.repeat(200)}.yaml`,
])('no file is made at %j', async (file) => {
  await open()
  expect(refusalOf(await make(file, service('a')))).toMatchObject({
    reason: 'Invalid',
    causes: [{ field: 'spec.path' }],
  })
  expect(await readdir(root)).toEqual([])
})

test('no file is made where it would not be loaded', async () => {
  await open()
  await mkdir(path.join(root, 'team'))
  await chmod(path.join(root, 'team'), 0o777)
  expect(refusalOf(await make('team/a.yaml', service('a')))).toMatchObject({ reason: 'Conflict' })
  expect(await readdir(path.join(root, 'team'))).toEqual([])
  await rm(root, { recursive: true })
  expect(refusalOf(await make('a.yaml', service('a'))).message).toContain('not there')
})

test('no file is made through a link', async () => {
  await open()
  await symlink(path.join(dir, 'shared'), path.join(root, 'team'))
  expect(refusalOf(await make('team/a.yaml', service('a'))).reason).toBe('Conflict')
  expect(await readdir(path.join(dir, 'shared'))).toEqual([])
})

test('a file is removed with all that it declares, unless it changed', async () => {
  await save('m.yaml', [service('a'), service('b')].join('---\n'))
  await save('n.yaml', service('c'))
  await open()
  const key = keyOfFile('m.yaml')
  const tried = await fileWriter.delete(key, { dryRun: true })
  expect(tried).toMatchObject({
    ok: true,
    warnings: ['AgentService default/a goes with it', 'AgentService default/b goes with it'],
  })
  expect(existsSync(path.join(root, 'm.yaml'))).toBe(true)
  expect((await fileWriter.delete(key)).ok).toBe(true)
  expect(await readdir(root)).toEqual(['n.yaml'])
  expect([get('a'), get('b'), manifest('m.yaml')]).toEqual([undefined, undefined, undefined])
  expect(holds).toEqual({})
})

test('files of a read-only source are read and not written', async () => {
  const file = path.join(dir, 'shared', 's.yaml')
  await writeFile(file, service('a'))
  await open()
  await there('a')
  expect((await texted(file)).spec.text).toBe(service('a'))
  expect(refusalOf(await rewrite(file, service('a', '  replicas: 2\n'))).message).toContain('read-only source')
  expect(refusalOf(await fileWriter.delete(keyOfFile(file))).message).toContain('read-only source')
})
