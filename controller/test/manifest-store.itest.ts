import { mkdir, readFile, rename, rm, stat, symlink, unlink, writeFile, chmod } from 'node:fs/promises'
import path from 'node:path'
import { type AgentService, type ConfigMap } from '@orc/schemas'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { poll } from './harness.ts'
import {
  dir,
  root,
  cache,
  store,
  writer,
  warnings,
  holds,
  open,
  close,
  service,
  save,
  keyFor,
  get,
  manifest,
  there,
  setUp,
  tearDown,
} from './store-fixture.ts'

beforeEach(setUp)
afterEach(tearDown)

describe('a file', () => {
  test('that is saved is an object within a moment, with defaults, identity and a record', async () => {
    await open()
    await save('a.yaml', service('a'))
    const object = await there('a')
    expect(object).toMatchObject({
      metadata: { name: 'a', namespace: 'default', generation: 1 },
      spec: { replicas: 1, restartPolicy: 'Always' },
    })
    expect(object.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(manifest('a.yaml')?.status).toMatchObject({
      state: 'Loaded',
      objects: [{ kind: 'AgentService', namespace: 'default', name: 'a' }],
    })
    const record = path.join(dir, 'objects/default/AgentService/a.json')
    expect((await stat(record)).mode & 0o777).toBe(0o600)
  })

  test('that changes raises the generation, but a comment does not', async () => {
    await save('a.yaml', service('a'))
    await open()
    await save('a.yaml', service('a', '  replicas: 3\n'))
    await poll('the change', () => get('a')?.spec.replicas === 3 || undefined)
    expect(get('a')?.metadata.generation).toBe(2)
    const version = get('a')?.metadata.resourceVersion
    await save('a.yaml', `# a comment\n${service('a', '  replicas: 3\n')}`)
    await save('b.yaml', service('b'))
    await there('b')
    expect(get('a')?.metadata).toMatchObject({ generation: 2, resourceVersion: version })
  })

  test('that breaks keeps its objects, says where, and heals', async () => {
    await save('a.yaml', service('a'))
    await open()
    const { uid } = (await there('a')).metadata
    await save('a.yaml', service('a', '  replcas: 2\n'))
    const broken = await poll('the verdict', () =>
      store.acceptance(keyFor('a')).status === 'False' ? store.acceptance(keyFor('a')) : undefined,
    )
    expect(broken).toMatchObject({
      reason: 'InvalidManifest',
      message: expect.stringContaining(
        'a.yaml:8:3: spec.replcas: unknown field "replcas"; did you mean "replicas"?',
      ) as string,
    })
    expect(manifest('a.yaml')?.status.state).toBe('Invalid')
    await save('a.yaml', 'kind: [')
    await poll('the worse verdict', () => store.acceptance(keyFor('a')).message.includes('not valid YAML') || undefined)
    expect(get('a')?.metadata.uid).toBe(uid)
    await save('a.yaml', service('a', '  replicas: 2\n'))
    await poll('the healing', () => get('a')?.spec.replicas === 2 || undefined)
    expect(store.acceptance(keyFor('a')).status).toBe('True')
  })

  test('that is broken at the start keeps what was accepted before, also after a restart', async () => {
    await save('a.yaml', service('a'))
    await open()
    const { uid } = await there('a').then(({ metadata }) => metadata)
    await close()
    await save('a.yaml', 'kind: [')
    await open()
    expect(get('a')?.metadata.uid).toBe(uid)
    await new Promise((resolve) => setTimeout(resolve, 2500))
    expect(get('a')?.metadata.uid).toBe(uid)
    expect(store.acceptance(keyFor('a'))).toMatchObject({
      status: 'False',
      message: expect.stringContaining('a.yaml') as string,
    })
  })

  test('that moves, splits or joins keeps its objects', async () => {
    await save('a.yaml', `${service('a')}---\n${service('b')}`)
    await open()
    const uids = [get('a')?.metadata.uid, get('b')?.metadata.uid]
    await mkdir(path.join(root, 'sub'))
    await rename(path.join(root, 'a.yaml'), path.join(root, 'sub/new.yaml'))
    await poll('the move', () => manifest('sub/new.yaml')?.status.objects.length === 2 || undefined)
    await save('b.yaml', service('b'))
    await save('sub/new.yaml', service('a'))
    await poll('the split', () => manifest('sub/new.yaml')?.status.objects.length === 1 || undefined)
    await new Promise((resolve) => setTimeout(resolve, 2200))
    expect([get('a')?.metadata.uid, get('b')?.metadata.uid]).toEqual(uids)
    await unlink(path.join(root, 'b.yaml'))
    await poll('the end of b', () => get('b') === undefined || undefined, 5000)
    expect(get('a')?.metadata.uid).toBe(uids[0])
  })

  test('that declares what another declares does not count, until the other goes', async () => {
    await save('a.yaml', service('x'))
    await open()
    await save('b.yaml', service('x', '  replicas: 5\n'))
    const loser = await poll('the verdict', () =>
      manifest('b.yaml')?.status.state === 'Invalid' ? manifest('b.yaml') : undefined,
    )
    expect(loser?.status.errors.join()).toContain('declared in a.yaml:1 too; that one counts')
    expect(get('x')?.spec.replicas).toBe(1)
    const { uid } = (await there('x')).metadata
    await unlink(path.join(root, 'a.yaml'))
    await poll('the succession', () => get('x')?.spec.replicas === 5 || undefined)
    expect(get('x')?.metadata.uid).toBe(uid)
    expect(manifest('b.yaml')?.status.state).toBe('Loaded')
  })

  test('is refused with a sentence when it is a link, or everybody may write it', async () => {
    await writeFile(path.join(dir, 'outside.yaml'), service('secret'))
    await symlink(path.join(dir, 'outside.yaml'), path.join(root, 'link.yaml'))
    await save('open.yaml', service('open'))
    await chmod(path.join(root, 'open.yaml'), 0o666)
    await open()
    expect(cache.list('AgentService')).toEqual([])
    expect(manifest('link.yaml')?.status.errors.join()).toContain('symbolic links are not followed')
    expect(manifest('open.yaml')?.status.errors.join()).toContain('chmod o-w')
  })
})

describe('a write', () => {
  const change = (fields: Partial<AgentService['spec']>) => (current: { kind: string }) => {
    const object = structuredClone(current) as AgentService
    Object.assign(object.spec, fields)
    return { ok: true as const, object }
  }

  test('changes only the bytes that it must', async () => {
    const text = service('a', '  replicas: 2   # two\n  env:\n    - {name: A, value: "1"}\n')
    await save('a.yaml', text)
    await open()
    const result = await writer.update(keyFor('a'), change({ replicas: 4 }))
    expect(result).toMatchObject({ ok: true, object: { spec: { replicas: 4 }, metadata: { generation: 2 } } })
    expect(await readFile(path.join(root, 'a.yaml'), 'utf8')).toBe(text.replace('replicas: 2 ', 'replicas: 4 '))
  })

  test('that changes nothing leaves the file byte for byte, defaults and all', async () => {
    await save('a.yaml', service('a'))
    await open()
    const before = await stat(path.join(root, 'a.yaml'), { bigint: true })
    expect(await writer.update(keyFor('a'), change({}))).toMatchObject({ ok: true })
    expect((await stat(path.join(root, 'a.yaml'), { bigint: true })).mtimeNs).toBe(before.mtimeNs)
  })

  test('creates a file for a new object, as it was sent', async () => {
    await open()
    const sent = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'team' },
      data: { MODE: 'fast' },
    }
    const result = await writer.create(sent)
    expect(result).toMatchObject({ ok: true, object: { metadata: { name: 'settings' } } })
    expect(await readFile(path.join(root, 'team/settings.configmap.yaml'), 'utf8')).toBe(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: team\ndata:\n  MODE: fast\n',
    )
    expect(cache.get<ConfigMap>('ConfigMap/team/settings')?.data).toEqual({ MODE: 'fast' })
    expect(await writer.create(sent)).toMatchObject({ ok: false, refusal: { reason: 'AlreadyExists' } })
  })

  test('takes in first what was saved by hand a moment ago', async () => {
    await save('a.yaml', service('a'))
    await open()
    await save('a.yaml', service('a', '  replicas: 7\n'))
    const result = await writer.update(keyFor('a'), change({ description: 'Sleeps' }))
    expect(result.ok).toBe(true)
    const text = await readFile(path.join(root, 'a.yaml'), 'utf8')
    expect(text).toContain('replicas: 7')
    expect(text).toContain('description: Sleeps')
  })

  test('to a broken file is refused and names the place', async () => {
    await save('a.yaml', service('a'))
    await open()
    await save('a.yaml', service('a', '  replicas: many\n'))
    expect(await writer.update(keyFor('a'), change({ replicas: 2 }))).toMatchObject({
      ok: false,
      refusal: { reason: 'Conflict', message: expect.stringContaining('line 8') as string },
    })
  })

  test('that is not valid names the field and writes nothing', async () => {
    await save('a.yaml', service('a'))
    await open()
    expect(await writer.update(keyFor('a'), change({ replicas: -1 }))).toMatchObject({
      ok: false,
      refusal: {
        reason: 'Invalid',
        causes: [{ field: 'spec.replicas', message: expect.stringContaining('at least 0') as string }],
      },
    })
    expect(await readFile(path.join(root, 'a.yaml'), 'utf8')).toBe(service('a'))
  })

  test('deletes one document of several, and the file with the last', async () => {
    await save('a.yaml', `${service('a')}---\n${service('b')}`)
    await open()
    expect(await writer.delete(keyFor('a'))).toMatchObject({ ok: true })
    expect(get('a')).toBeUndefined()
    expect(get('b')).toBeDefined()
    expect(await readFile(path.join(root, 'a.yaml'), 'utf8')).toContain('name: b # the name')
    expect(await writer.delete(keyFor('b'))).toMatchObject({ ok: true })
    await expect(stat(path.join(root, 'a.yaml'))).rejects.toThrow('ENOENT')
    expect(cache.list('AgentService')).toEqual([])
  })

  test('keeps what tools leave for themselves out of the file, also across a restart', async () => {
    const text = service('a')
    await save('a.yaml', text)
    await open()
    const mine = 'kubectl.kubernetes.io/last-applied-configuration'
    const result = await writer.update(keyFor('a'), (current) => ({
      ok: true,
      object: { ...structuredClone(current), metadata: { ...current.metadata, annotations: { [mine]: '{}' } } },
    }))
    expect(result).toMatchObject({ ok: true, object: { metadata: { annotations: { [mine]: '{}' } } } })
    expect(await readFile(path.join(root, 'a.yaml'), 'utf8')).toBe(text)
    await close()
    await open()
    expect(get('a')?.metadata.annotations).toEqual({ [mine]: '{}' })
    await writer.update(keyFor('a'), (current) => ({
      ok: true,
      object: {
        ...structuredClone(current),
        metadata: { ...current.metadata, annotations: { [mine]: '{}', note: 'x' } },
      },
    }))
    expect(await readFile(path.join(root, 'a.yaml'), 'utf8')).toContain('note: x')
    expect(await readFile(path.join(root, 'a.yaml'), 'utf8')).not.toContain('last-applied')
  })

  test('keeps the mode of the file', async () => {
    await save('a.yaml', service('a'))
    await chmod(path.join(root, 'a.yaml'), 0o640)
    await open()
    await writer.update(keyFor('a'), change({ replicas: 2 }))
    expect((await stat(path.join(root, 'a.yaml'))).mode & 0o7777).toBe(0o640)
  })
})

test('saves in quick succession end in what was saved last', async () => {
  await save('a.yaml', service('a'))
  await open()
  for (let replicas = 2; replicas < 12; replicas += 1) {
    await save('a.yaml', service('a', `  replicas: ${String(replicas)}\n`))
    await new Promise((resolve) => setTimeout(resolve, replicas * 5))
    await save('a.new~', service('a', `  replicas: ${String(replicas + 100)}\n`))
    await rename(path.join(root, 'a.new~'), path.join(root, 'a.yaml'))
    await poll(
      `${String(replicas + 100)} replicas`,
      () => get('a')?.spec.replicas === replicas + 100 || undefined,
      3000,
    )
  }
})

test('a read-only directory declares too, and is never written', async () => {
  await mkdir(path.join(dir, 'shared'))
  await writeFile(path.join(dir, 'shared/team.yaml'), service('team'))
  await save('own.yaml', service('own'))
  await open()
  expect(get('team')).toBeDefined()
  expect(store.rootOfObject(keyFor('team')).path).toBe(path.join(dir, 'shared'))
  expect(await writer.delete(keyFor('team'))).toMatchObject({
    ok: false,
    refusal: {
      reason: 'Conflict',
      message: expect.stringContaining('shared/team.yaml belongs to a read-only source') as string,
    },
  })
  // Losing one directory holds its objects, and those of others are judged by themselves.
  await rm(path.join(dir, 'shared'), { recursive: true })
  store.hint(path.join(dir, 'shared/team.yaml'))
  await poll('the hold', () => store.acceptance(keyFor('team')).reason === 'Held' || undefined, 6000)
  expect(store.acceptance(keyFor('own')).status).toBe('True')
})

describe('a mass removal', () => {
  const held = (name: string): Promise<true> =>
    poll(
      `${name} to be held`,
      () => store.acceptance(keyFor(name)).reason === 'Held' || undefined,
      6000,
      () => warnings.join('\n'),
    )

  test('is held, also across a restart, until the objects come back', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await save(`${name}.yaml`, service(name))
    await open()
    const { uid } = await there('a').then(({ metadata }) => metadata)
    for (const name of ['a', 'b', 'c', 'd']) await unlink(path.join(root, `${name}.yaml`))
    await held('a')
    expect(store.acceptance(keyFor('a')).message).toMatch(/^4 of 5 objects vanished .* orc confirm; until then/)
    expect(store.acceptance(keyFor('e')).status).toBe('True')
    await close()
    await open()
    expect(get('a')?.metadata.uid).toBe(uid)
    await held('a')
    await save('a.yaml', service('a'))
    await poll('the return', () => store.acceptance(keyFor('a')).status === 'True' || undefined, 6000)
    expect(get('a')?.metadata.uid).toBe(uid)
    expect(Object.keys(holds).toSorted()).toEqual(['b', 'c', 'd'].map(keyFor))
  })

  test('is carried out when somebody confirms it, object by object', async () => {
    for (const name of ['a', 'b']) await save(`${name}.yaml`, service(name))
    await open()
    await rm(root, { recursive: true })
    await held('b')
    expect(await writer.delete(keyFor('b'))).toMatchObject({ ok: true })
    expect(get('b')).toBeUndefined()
    expect(get('a')).toBeDefined()
    expect(Object.keys(holds)).toEqual([keyFor('a')])
    await mkdir(root)
  })

  test('of three among many is no mass removal', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await save(`${name}.yaml`, service(name))
    await open()
    for (const name of ['a', 'b', 'c']) await unlink(path.join(root, `${name}.yaml`))
    await poll('the end of three', () => cache.list('AgentService').length === 1 || undefined, 6000)
  })
})
