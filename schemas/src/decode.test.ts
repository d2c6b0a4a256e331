import { describe, expect, test } from 'vitest'
import { decode, FILE_LIMITS, formatLocated } from './decode.ts'

const head = `apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata: {name: agent}
spec:
  command: [a]
`

/** Every complaint about the text, as a person reads it. */
function complaints(text: string): string[] {
  const { errors, documents } = decode(text)
  return [...errors, ...documents.flatMap((document) => document.errors)].map((error) => formatLocated('f.yaml', error))
}

describe('a mistake is told with its place, what is allowed and what was meant', () => {
  test.each([
    ['  replcas: 2', 'f.yaml:6:3: spec.replcas: unknown field "replcas"; did you mean "replicas"?'],
    ['  zzz: 2', 'f.yaml:6:3: spec.zzz: unknown field "zzz"'],
    ['  replicas: -1', 'f.yaml:6:13: spec.replicas: must be at least 0; got -1'],
    ['  replicas: 1000000000', 'f.yaml:6:13: spec.replicas: must be at most 1000; got 1000000000'],
    [
      '  readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 0}',
      'f.yaml:6:58: spec.readinessProbe.periodSeconds: must be at least 1; got 0',
    ],
    [
      '  resources: {limits: {cpu: "-1%"}}',
      'f.yaml:6:29: spec.resources.limits.cpu: must be a quantity: a number with one of the suffixes m, k, Ki, M, Mi, G, Gi, T, Ti, P, Pi or none; got "-1%"',
    ],
    [
      '  resources: {limits: {memory: "1e309"}}',
      'f.yaml:6:32: spec.resources.limits.memory: must be a quantity: a number with one of the suffixes m, k, Ki, M, Mi, G, Gi, T, Ti, P, Pi or none; got "1e309"',
    ],
    ['  replicas: 1.5', 'f.yaml:6:13: spec.replicas: must be integer; got 1.5'],
    ['  replicas: "2"', 'f.yaml:6:13: spec.replicas: must be integer; got "2" (write it without quotes)'],
    ['  args: [8080]', 'f.yaml:6:10: spec.args[0]: must be string; got 8080 (write it in quotes)'],
    [
      '  operatingMode: stopped',
      'f.yaml:6:18: spec.operatingMode: must be one of Running, Stopped; got "stopped"; did you mean "Stopped"?',
    ],
    [
      '  restartPolicy: Sometimes',
      'f.yaml:6:18: spec.restartPolicy: must be one of Always, OnFailure, Never; got "Sometimes"',
    ],
    [
      '  operatingModeUntil: tomorrow',
      'f.yaml:6:23: spec.operatingModeUntil: must be a time as RFC 3339 writes it, for example 2026-01-31T09:30:00Z; got "tomorrow"',
    ],
    [
      '  env: [{name: A, value: x, valueFrom: {secretKeyRef: {name: s, key: k}}}]',
      'f.yaml:6:9: spec.env[0]: must have either value or valueFrom, not both',
    ],
    [
      '  env: [{name: A, valueFrom: {}}]',
      'f.yaml:6:30: spec.env[0].valueFrom: must have exactly one of configMapKeyRef, secretKeyRef, fieldRef',
    ],
    [
      '  env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]',
      "f.yaml:6:53: spec.env[0].valueFrom.fieldRef.fieldPath: \"status.podIP\" is not known; there are metadata.name, metadata.namespace, metadata.uid, metadata.labels['KEY'], metadata.annotations['KEY']",
    ],
    [
      '  env: [{name: 1A, value: x}]',
      'f.yaml:6:16: spec.env[0].name: must be letters, digits and "_", not beginning with a digit; got "1A"',
    ],
    ['  env: [{name: ORC_X, value: x}]', 'f.yaml:6:16: spec.env[0].name: "ORC_X" is set by orc; choose another name'],
    ['  env: [{name: A}, {name: A}]', 'f.yaml:6:27: spec.env[1].name: "A" is already used by spec.env[0]'],
    ['  ports: [{name: http}]', 'f.yaml:6:11: spec.ports[0].port is required'],
    ['  ports: [{name: http, port: 70000}]', 'f.yaml:6:30: spec.ports[0].port: must be at most 65535; got 70000'],
    [
      '  ports: [{name: http, port: 80}]\n  replicas: 2',
      'f.yaml:6:30: spec.ports[0].port: must be 0 (allocated) when replicas is over 1: two replicas cannot share port 80',
    ],
    [
      '  updateStrategy: {maxUnavailable: 0}',
      'f.yaml:6:36: spec.updateStrategy.maxUnavailable: must be over 0 when maxSurge is 0: no replica could ever be replaced',
    ],
    [
      '  resources: {requests: {cpu: "1", memory: 65Mi}, limits: {cpu: 1500m, memory: 64Mi}}',
      'f.yaml:6:44: spec.resources.requests.memory: must be at most the limit, which is 64Mi',
    ],
    [
      '  ports: [{name: http, port: 80}]\n  updateStrategy: {maxSurge: 1}',
      'f.yaml:7:30: spec.updateStrategy.maxSurge: must be 0 while spec.ports has a fixed port: the extra replica cannot share port 80',
    ],
    [
      '  readinessProbe: {}',
      'f.yaml:6:19: spec.readinessProbe: must have exactly one of httpGet, tcpSocket, exec, notify',
    ],
    [
      '  readinessProbe: {httpGet: {port: web}}',
      'f.yaml:6:36: spec.readinessProbe.httpGet.port: no port is named "web"; spec.ports has none',
    ],
    [
      '  readinessProbe: {httpGet: {port: 80, path: health}}',
      'f.yaml:6:46: spec.readinessProbe.httpGet.path: must be a path that begins with "/"; got "health"',
    ],
    [
      '  resources: {limits: {memory: 64MB}}',
      'f.yaml:6:32: spec.resources.limits.memory: must be a quantity: a number with one of the suffixes m, k, Ki, M, Mi, G, Gi, T, Ti, P, Pi or none; got "64MB"',
    ],
    [
      '  links: [{name: x, url: "javascript:alert(1)"}]',
      'f.yaml:6:26: spec.links[0].url: must be an address that begins with http:// or https://; got "javascript:alert(1)"',
    ],
    ['  description: "a\\0b"', 'f.yaml:6:16: spec.description: must not hold a NUL character'],
  ])('%s', (line, expected) => {
    expect(complaints(`${head}${line}\n`)).toEqual([expected])
  })

  test.each([
    ['kind: AgentServices\n', 'f.yaml:1:7: kind "AgentServices" is not known; did you mean "AgentService"?'],
    [
      'kind: Deployment\n',
      'f.yaml:1:7: kind "Deployment" is not known; known are AgentService, ConfigMap, Secret, Namespace',
    ],
    ['apiVersion: v1\n', 'f.yaml:1:1: kind is required and must be one of AgentService, ConfigMap, Secret, Namespace'],
    [
      'kind: AgentService\napiVersion: v1\n',
      'f.yaml:2:13: apiVersion of AgentService must be orc.dev/v1alpha1; got "v1"',
    ],
    ['kind: ConfigMap\napiVersion: v1\n', 'f.yaml:1:1: metadata with a name is required'],
    ['just text\n', 'f.yaml:1:1: must be an object with apiVersion, kind, metadata and spec'],
    [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: My_Map}\n',
      'f.yaml:3:18: metadata.name: must be lower-case letters, digits and "-", beginning and ending with a letter or digit (a DNS label); got "My_Map"',
    ],
    [
      'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {k: "not base64!"}\n',
      'f.yaml:4:11: data.k: must be base64 (use stringData for plain text)',
    ],
    [
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\n  labels: {team: "a b"}\n',
      'f.yaml:5:18: metadata.labels.team: must be letters, digits, "-", "_" and ".", beginning and ending with a letter or digit; got "a b"',
    ],
    [
      'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: m\n  labels:\n    a/b/c: x\n',
      'f.yaml:6:5: metadata.labels["a/b/c"]: the key must have at most one "/", between prefix and name',
    ],
  ])('%s', (text, expected) => {
    expect(complaints(text)).toEqual([expected])
  })
})

describe('keys of labels and annotations', () => {
  const problems = (metadata: object): string[] =>
    complaints(`{"apiVersion": "v1", "kind": "ConfigMap", "metadata": ${JSON.stringify({ name: 'm', ...metadata })}}`)
  const name63 = 'n'.repeat(63)
  const prefix = Array.from({ length: 4 }, () => 'p'.repeat(63)).join('.')

  test.each(['a', 'A.b_c-9', 'example.com/a', 'x/A', name63, `${prefix.slice(2)}/${name63}`])('%s is right', (key) => {
    expect(problems({ labels: { [key]: '' }, annotations: { [key]: 'any text, "quoted"' } })).toEqual([])
  })

  test.each([
    ['', 'must have a name'],
    ['example.com/', 'must have a name'],
    ['/a', 'must have a prefix of DNS labels'],
    ['a b', 'must have a name of letters'],
    ['-a', 'must have a name of letters'],
    ['a.', 'must have a name of letters'],
    ['é', 'must have a name of letters'],
    [`${name63}n`, 'must have a name of at most 63 characters'],
    [`${prefix}/a`, 'must have a prefix of at most 253 characters'],
    ['a_b/c', 'must have a prefix of DNS labels'],
    ['a..b/c', 'must have a prefix of DNS labels'],
  ])('%j is wrong', (key, problem) => {
    for (const field of ['labels', 'annotations'])
      expect(problems({ [field]: { [key]: 'x' } })).toEqual([expect.stringContaining(`the key ${problem}`)])
  })

  test('only annotations may have capitals in the prefix, as in Kubernetes', () => {
    expect(problems({ annotations: { 'Example.com/a': 'x' } })).toEqual([])
    expect(problems({ labels: { 'Example.com/a': 'x' } })).toHaveLength(1)
  })
})

test.each([
  '  updateStrategy: {maxUnavailable: 0, maxSurge: 1}\n  ports: [{name: http, port: 0}]',
  '  updateStrategy: {type: Recreate, maxUnavailable: 0}',
  '  updateStrategy: {type: Recreate, maxSurge: 1}\n  ports: [{name: http, port: 80}]',
])('%j is well', (lines) => {
  expect(complaints(`${head}${lines}\n`)).toEqual([])
})

test.each(['..', '-rf', 'Con', 'a/b', 'x'.repeat(64), ''])('the name %j is refused', (name) => {
  expect(complaints(head.replace('{name: agent}', `{name: ${JSON.stringify(name)}}`))[0]).toMatch(
    /^f\.yaml:3:18: metadata\.name: must/,
  )
})

const UNKNOWN_TAG = 'not valid YAML: a tag (!) that is not known; text that begins with ! belongs in quotes'

test.each([
  '"canary!"',
  'canary9',
  '*canary',
  '&canary x',
  '!canary',
  '!!canary x',
  '|canary',
  ']canary',
  '}canary',
  '"canary',
  '@canary',
  '`canary',
  '%canary',
  'canary: canary',
  '[canary, canary',
  '{canary: [canary]}',
  '- canary',
  '"\\canary"',
  "'canary' canary",
])('what a Secret holds is in no message: %s', (value) => {
  const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n'
  for (const text of [
    `${secret}data:\n  token: ${value}\n`,
    `${secret}data: {token: ${value}}\n`,
    `${secret}data: ${value}\n`,
    `${secret}stringData:\n  token: ${value}\n  other: [${value}]\n`,
  ])
    for (const complaint of complaints(text)) expect(complaint.replace('canary: must', '')).not.toContain('canary')
})

describe('YAML that surprises its reader is refused with the line', () => {
  test.each([
    ['a: 1\nb: 2\na: 3\n', 'f.yaml:3:1: the key "a" stands here twice'],
    [
      'a: &x 1\n',
      'f.yaml:1:7: an anchor (&) is not allowed; write the value out, and text that begins with & in quotes',
    ],
    ['b: *x\n', 'f.yaml:1:4: an alias (*) is not allowed; write the value out, and text that begins with * in quotes'],
    ['<<: {a: 1}\n', 'f.yaml:1:1: merge keys (<<) are not allowed; write the fields out'],
    ['a: !mine x\n', `f.yaml:1:4: ${UNKNOWN_TAG}`],
    ['a: !!js/function x\n', `f.yaml:1:4: ${UNKNOWN_TAG}`],
    ['a: ["x" "y"]\n', 'f.yaml:1:9: not valid YAML: Missing , or : between flow sequence items'],
    ['? [a]\n: b\n', 'f.yaml:1:3: a key must be a plain word'],
    ['a:\n\t- b\n', 'f.yaml:2:1: not valid YAML: Tabs are not allowed as indentation'],
  ])('%j', (text, expected) => {
    expect(complaints(text)[0]).toBe(expected)
  })

  test('deep nesting', () => {
    expect(complaints('['.repeat(20_000))).toEqual([expect.stringContaining('nested deeper than 64 levels')])
    expect(complaints(`a: ${'['.repeat(70)}${']'.repeat(70)}\n`)[0]).toContain('nested deeper than 64 levels')
  })

  test('too many values, too large a file', () => {
    expect(complaints(`a: [${'1,'.repeat(FILE_LIMITS.nodes)}]\n`)[0]).toContain('more than 20000 values')
    expect(complaints(`a: ${'x'.repeat(FILE_LIMITS.bytes)}\n`)).toEqual([
      'f.yaml:1:1: the file is larger than 256 KiB; split it',
    ])
  })

  test('too many keys', () => {
    const keys = Array.from({ length: 2001 }, (_, index) => `  k${String(index)}: v\n`).join('')
    expect(complaints(`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n${keys}`)).toEqual([
      'f.yaml:5:3: data: must have at most 2000 keys',
    ])
  })

  test('a bomb of aliases costs nothing', () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) => `k${String(level)}: &k${String(level)} [${`*k${String(Math.max(0, level - 1))},`.repeat(9)}]`,
    )
    expect(complaints(levels.join('\n'))[0]).toContain('is not allowed; write the value out')
  })
})

describe('what is fine', () => {
  test('gets its defaults, and the text as written stays beside them', () => {
    const [document] = decode(`# comment\n${head}`).documents
    expect(document?.raw).toEqual({
      apiVersion: 'orc.dev/v1alpha1',
      kind: 'AgentService',
      metadata: { name: 'agent' },
      spec: { command: ['a'] },
    })
    expect(document?.object).toMatchObject({
      metadata: { name: 'agent', namespace: 'default' },
      spec: {
        args: [],
        env: [],
        replicas: 1,
        restartPolicy: 'Always',
        backoff: { initialSeconds: 1, factor: 2, maxSeconds: 30 },
        terminationGracePeriodSeconds: 30,
      },
    })
    expect(document?.line).toBe(2)
  })

  test('may come in several documents, with a BOM, CRLF and empty ones between', () => {
    const text = `\uFEFF${head}---\n# nothing\n---\n${head.replace('name: agent', 'name: other')}`.replaceAll(
      '\n',
      '\r\n',
    )
    expect(decode(text).documents.map(({ index, object }) => [index, object?.metadata.name])).toEqual([
      [0, 'agent'],
      [2, 'other'],
    ])
  })

  test('what only the server says is ignored: the output of get can be edited and applied', () => {
    const [document] = decode(
      `${head}status: {replicas: 3}\n`.replace(
        '{name: agent}',
        '{name: agent, uid: u, resourceVersion: "5", generation: 2, creationTimestamp: null, managedFields: []}',
      ),
    ).documents
    expect(document?.errors).toEqual([])
    expect(document?.object?.metadata).toEqual({ name: 'agent', namespace: 'default' })
  })

  test('a field without effect in this version is told', () => {
    const [document] = decode(`${head}  readinessProbe: {notify: {}}\n`).documents
    expect(document?.warnings.map(({ message }) => message)).toEqual([
      'spec.readinessProbe.notify has no effect in this version: the probe is taken as passed',
    ])
  })

  test('names like __proto__ are data', () => {
    const [document] = decode(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {__proto__: x, constructor: y}\n',
    ).documents
    expect(document?.errors).toEqual([])
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
    expect(Object.entries((document?.object as { data: object }).data)).toContainEqual(['constructor', 'y'])
  })
})
