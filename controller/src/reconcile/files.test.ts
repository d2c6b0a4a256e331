import { validate, type AcceptedSpec, type AgentService, type ConfigMap, type Key, type Secret } from '@orc/schemas'
import { expect, test } from 'vitest'
import { resolveFiles, type Files } from './files.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const objects = new Map<Key, unknown>([
  [
    'ConfigMap/team/settings',
    {
      kind: 'ConfigMap',
      data: { 'a.yaml': 'a', b: 'b', '..': 'x', '..data': 'x' },
      binaryData: { 'd/e': '', f: base64('f') },
    },
  ],
  ['Secret/team/keys', { kind: 'Secret', data: { token: base64('s3cret'), b: base64('secret b') } }],
  ['ConfigMap/team/large', { kind: 'ConfigMap', data: { a: 'x'.repeat(600_000), b: 'x'.repeat(600_000) } }],
])

function resolve(files: AgentService['spec']['files']): Files {
  const checked = validate({
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'AgentService',
    metadata: { name: 'a' },
    spec: { command: ['a'], files },
  })
  if (!checked.ok) throw new Error(checked.issues.map(({ message }) => message).join())
  const spec = (checked.object as AgentService).spec as AcceptedSpec
  return resolveFiles(spec, 'team', {
    get: <T extends ConfigMap | Secret>(key: Key) => objects.get(key) as T | undefined,
  })
}

function listed(files: AgentService['spec']['files']): readonly string[] {
  const found = resolve(files)
  if (!found.ok) throw new Error(found.message)
  return found.files.map(({ path, content, mode }) => `${path} ${mode.toString(8)} ${Buffer.from(content).toString()}`)
}

test('keys and whole objects become files; what cannot be a name is passed over', () => {
  expect(
    listed([
      { name: 'token', secretKeyRef: { name: 'keys', key: 'token' } },
      { name: 'etc', configMapRef: { name: 'settings' }, mode: '0644' },
    ]),
  ).toEqual(['token 400 s3cret', 'etc/f 644 f', 'etc/a.yaml 644 a', 'etc/b 644 b'])
})

test('of equal names the later entry counts, a directory too', () => {
  expect(listed([{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'keys' } }])).toContain('b 400 secret b')
  const both = listed([{ configMapRef: { name: 'settings' } }, { name: 'b', secretRef: { name: 'keys' } }])
  expect(both.filter((line) => line.startsWith('b'))).toEqual(['b/token 400 s3cret', 'b/b 400 secret b'])
})

test('what is missing is named, what is optional may be missing, and there is an end of it', () => {
  expect(resolve([{ secretRef: { name: 'none' } }])).toMatchObject({ ok: false, reason: 'ReferenceNotFound' })
  expect(resolve([{ name: 'x', configMapKeyRef: { name: 'settings', key: 'none' } }])).toMatchObject({
    message: expect.stringContaining('The key none of the ConfigMap settings (files)') as string,
  })
  expect(listed([{ secretRef: { name: 'none', optional: true } }])).toEqual([])
  expect(resolve([{ configMapRef: { name: 'large' } }])).toMatchObject({ ok: false, reason: 'StartFailed' })
})

test.each(['..', '..data', 'a/b', '.', ''])('the name %j is refused', (name) => {
  expect(() => resolve([{ name, secretRef: { name: 'keys' } }])).toThrow()
})

test('a name twice is refused', () => {
  const file = { name: 'x', secretKeyRef: { name: 'keys', key: 'token' } }
  expect(() => resolve([file, file])).toThrow('already used by spec.files[0]')
})
