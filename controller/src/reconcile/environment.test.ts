import {
  referencesOf,
  validate,
  type AcceptedSpec,
  type AgentService,
  type ConfigMap,
  type Key,
  type Secret,
} from '@orc/schemas'
import { expect, test } from 'vitest'
import { resolveEnvironment, type Environment, type Lookup } from './environment.ts'

const pod = { name: 'a-2', namespace: 'team', uid: 'u-1', labels: { tier: 'web' }, annotations: { 'x.dev/y': 'z' } }
const objects = new Map<Key, unknown>([
  [
    'ConfigMap/team/settings',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { MODE: 'fast', 'not.a-name': 'x' } },
  ],
  [
    'Secret/team/keys',
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'keys' },
      data: { token: Buffer.from('s3cret').toString('base64') },
    },
  ],
])
const lookup: Lookup = { get: <T extends ConfigMap | Secret>(key: Key) => objects.get(key) as T | undefined }

function specOf(fields: Partial<AgentService['spec']>): AcceptedSpec {
  const checked = validate({
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'AgentService',
    metadata: { name: 'a' },
    spec: { command: ['a'], ...fields },
  })
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues))
  return (checked.object as AgentService).spec as AcceptedSpec
}

function resolve(fields: Partial<AgentService['spec']>): Environment {
  const inherited = { PATH: '/bin', HOME: '/root', AWS_SECRET_ACCESS_KEY: 'controller only' }
  return resolveEnvironment(
    { spec: specOf(fields), namespace: 'team', service: 'a', ordinal: 2, pod, inherited },
    lookup,
  )
}

test('nothing of the controller is passed on but what the list allows', () => {
  expect(resolve({})).toEqual({
    ok: true,
    env: {
      PATH: '/bin',
      HOME: '/root',
      PYTHONUNBUFFERED: '1',
      ORC_NAMESPACE: 'team',
      ORC_SERVICE: 'a',
      ORC_REPLICA: '2',
    },
  })
  expect(resolve({ inheritEnv: [] })).toMatchObject({ env: expect.not.objectContaining({ PATH: '/bin' }) as object })
})

test('later sources win, keys that are no names are passed over, secrets are decoded', () => {
  const result = resolve({
    inheritEnv: ['PATH'],
    envFrom: [{ configMapRef: { name: 'settings' } }, { prefix: 'K_', secretRef: { name: 'keys' } }],
    env: [
      { name: 'MODE', value: 'slow' },
      { name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
      { name: 'PYTHONUNBUFFERED', value: '' },
    ],
  })
  expect(result).toMatchObject({
    ok: true,
    env: { MODE: 'slow', KEY: 's3cret', K_token: 's3cret', PYTHONUNBUFFERED: '' },
  })
  expect(result.ok && 'not.a-name' in result.env).toBe(false)
})

test.each([
  [{ envFrom: [{ configMapRef: { name: 'none' } }] }, 'The ConfigMap none (envFrom) does not exist in namespace team.'],
  [
    { env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'none', key: 'k' } } }] },
    'The Secret none (env X) does not exist in namespace team.',
  ],
  [
    { env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k' } } }] },
    'The key k of the ConfigMap settings (env X) does not exist in namespace team.',
  ],
])('what is missing is named: %j', (fields, sentence) => {
  expect(resolve(fields)).toEqual({ ok: false, message: `${sentence} Create it, or mark the reference optional.` })
})

test('a service is told of its own pod; a label that is not there is empty', () => {
  const paths = [
    'metadata.name',
    'metadata.namespace',
    'metadata.uid',
    "metadata.labels['tier']",
    "metadata.labels['no']",
  ]
  const env = [...paths, "metadata.annotations['x.dev/y']"].map((fieldPath, index) => ({
    name: `F${String(index)}`,
    valueFrom: { fieldRef: { fieldPath } },
  }))
  expect(resolve({ env })).toMatchObject({ env: { F0: 'a-2', F1: 'team', F2: 'u-1', F3: 'web', F4: '', F5: 'z' } })
})

test('what is optional may be missing', () => {
  expect(
    resolve({
      envFrom: [{ secretRef: { name: 'none', optional: true } }],
      env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'none', key: 'k', optional: true } } }],
    }),
  ).toMatchObject({ ok: true })
})

test('references are the objects that a spec waits for', () => {
  const spec = specOf({
    envFrom: [{ configMapRef: { name: 'c' } }],
    env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
    files: [{ name: 'f', configMapKeyRef: { name: 'd', key: 'k' } }, { secretRef: { name: 't' } }],
  })
  expect([...referencesOf(spec, 'team')]).toEqual([
    'ConfigMap/team/c',
    'Secret/team/s',
    'ConfigMap/team/d',
    'Secret/team/t',
  ])
})
