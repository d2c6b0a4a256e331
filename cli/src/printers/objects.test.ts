import { RESOURCES, type KubeObject, type Pod } from '@orc/schemas'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  condition,
  CONFIG_MAP,
  crashedPod,
  event,
  manifest,
  METRICS,
  NOW_MS,
  pod,
  READY,
  revision,
  SECRET,
  service,
} from '../../test/fixtures.ts'
import { colorsOf } from './colors.ts'
import { printerOf } from './kinds.ts'
import { ObjectTable, type ObjectTableOptions } from './object-table.ts'
import { asDocument, toJson, toNames } from './objects.ts'

const golden = (name: string): string => path.join(import.meta.dirname, '../../test/golden', name)
const plainColors = colorsOf({ stdout: process.stdout, env: { NO_COLOR: '1' } })
const terminal = { stdout: Object.assign(Object.create(process.stdout) as typeof process.stdout, { isTTY: true }) }

const stopped = service('nightly', {
  spec: { command: ['./night'], replicas: 1, operatingMode: 'Stopped', operatingModeReason: 'no budget' },
  status: { conditions: [condition('Ready', 'False', 'Stopped', 'Stopped: no budget.')] },
})
const crashing = service('crash', {
  status: {
    restartCount: 3,
    conditions: [
      condition('Ready', 'False', 'CrashLoopBackOff', 'It exits with code 7. \u001b[31mRestart\u001b[0m soon.'),
    ],
  },
})
const outdated = service('web', {
  spec: { command: ['x'], replicas: 2 },
  status: {
    readyReplicas: 2,
    conditions: [condition('Accepted', 'False', 'InvalidManifest', 'web.yaml:3:1: no'), ...READY.slice(1)],
  },
})
const services = [outdated, crashing, stopped, service('fresh', { status: {} })]
const pods: readonly Pod[] = [pod('web', 1), pod('web', 0), crashedPod('crash', 0)]

const WARNING = event('Pod/web-1', {
  type: 'Warning',
  reason: 'BackOff',
  message: 'It\nwaits.',
  count: 3,
  secondsAgo: 5,
})

const revisions = [
  revision(1),
  revision(2, { state: 'Rejected', message: 'The process exited with code 3 after 1 s.' }),
  revision(3, { state: 'InForce' }),
]

const options: Omit<ObjectTableOptions, 'resource'> = {
  nowMs: NOW_MS,
  wide: false,
  raw: false,
  withHead: true,
  withLabels: false,
  colors: plainColors,
  pods,
  withNamespace: false,
  withKind: false,
}

function table(kind: keyof typeof RESOURCES, items: readonly KubeObject[], more: Partial<ObjectTableOptions> = {}) {
  return new ObjectTable().format(items, { ...options, resource: RESOURCES[kind], ...more })
}

describe('tables', () => {
  test.each([
    ['agentservices', () => table('agentservices', services)],
    ['agentservices-wide', () => table('agentservices', services, { wide: true })],
    ['agentservices-all', () => table('agentservices', services, { withNamespace: true, withKind: true })],
    ['agentservices-colours', () => table('agentservices', services, { colors: colorsOf({ ...terminal, env: {} }) })],
    ['pods', () => table('pods', pods)],
    ['pods-wide', () => table('pods', pods, { wide: true })],
    ['pods-labels', () => table('pods', pods, { withLabels: true })],
    ['pods-no-headers', () => table('pods', pods, { withHead: false })],
    ['events', () => table('events', [event('Pod/web-0'), WARNING])],
    ['events-wide', () => table('events', [event('Pod/web-0'), WARNING], { wide: true })],
    ['configmaps', () => table('configmaps', [CONFIG_MAP])],
    ['secrets', () => table('secrets', [SECRET])],
    ['controllerrevisions', () => table('controllerrevisions', revisions)],
    ['controllerrevisions-wide', () => table('controllerrevisions', revisions, { wide: true })],
    ['podmetrics', () => table('podmetrics', [METRICS])],
    [
      'manifests',
      () =>
        table('manifests', [
          manifest('web.yaml', { objects: [{ kind: 'AgentService', namespace: 'default', name: 'web' }] }),
          manifest('team/bad.yaml', { state: 'Invalid', errors: ['team/bad.yaml:3:5: not valid YAML: x', 'second'] }),
        ]),
    ],
  ])('of %s are as the golden file has them', async (name, print) => {
    await expect(print()).toMatchFileSnapshot(golden(`get-${name}.txt`))
  })

  test('exist for every kind of the API', () => {
    for (const { kind } of Object.values(RESOURCES)) expect(printerOf(kind), kind).toBeDefined()
  })

  test('go on in the same columns when rows come later', () => {
    const changing = new ObjectTable()
    const first = changing.format([service('a-long-name')], { ...options, resource: RESOURCES.agentservices })
    const later = changing.format([service('b')], { ...options, resource: RESOURCES.agentservices })
    expect(later.split('\n')).toHaveLength(2)
    expect(later.indexOf('1/1')).toBe(first.split('\n')[1]?.indexOf('1/1'))
  })
})

describe('documents', () => {
  test('hold one object as it is and several as a List, without managed fields', () => {
    const object = { ...CONFIG_MAP, metadata: { ...CONFIG_MAP.metadata, managedFields: [{}] } }
    expect(asDocument([object], true)).toEqual(CONFIG_MAP)
    expect(asDocument([object], false)).toMatchObject({ kind: 'List', items: [CONFIG_MAP] })
    expect(asDocument([], true)).toMatchObject({ kind: 'List', items: [] })
  })

  test('escape in JSON what a terminal would obey', () => {
    expect(toJson({ a: '\u009b31m\u202e' })).toBe('{\n    "a": "\\u009b31m\\u202e"\n}\n')
  })

  test('name objects as kubectl does', () => {
    expect(toNames([service('web'), pod('web', 0), SECRET])).toBe(
      'agentservice.orc.dev/web\npod/web-0\nsecret/reddit\n',
    )
  })
})
