import type { AgentService, FailureGroup, Secret } from '@orc/schemas'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  condition,
  CONFIG_MAP,
  crashedPod,
  manifest,
  METRICS,
  NOW_MS,
  pod,
  READY,
  revision,
  SECRET,
  service,
} from '../../test/fixtures.ts'
import { colorsOf } from '../printers/colors.ts'
import { failureSection } from './failures.ts'
import { describeObject } from './object.ts'
import { describeService, type DescribeOptions } from './service.ts'

const golden = (name: string): string => path.join(import.meta.dirname, '../../test/golden', name)
const options: DescribeOptions = {
  nowMs: NOW_MS,
  raw: false,
  colors: colorsOf({ stdout: process.stdout, env: { NO_COLOR: '1' } }),
}

const full: AgentService = service('web', {
  metadata: {
    name: 'web',
    namespace: 'default',
    labels: { 'orc.dev/type': 'monitoring' },
    annotations: { 'orc.dev/restartedAt': '2026-03-01T11:00:00Z' },
    creationTimestamp: '2026-02-28T12:00:00Z',
  },
  spec: {
    description: 'Watches \u001b[31msubreddits\u001b[0m',
    links: [{ name: 'api', url: 'http://127.0.0.1:8001' }],
    command: ['python3', 'main.py'],
    args: ['--title', "it's new", ''],
    workingDir: 'examples/web',
    replicas: 2,
    operatingMode: 'Running',
    restartPolicy: 'OnFailure',
    backoff: { initialSeconds: 1, maxSeconds: 30 },
    ports: [
      { name: 'http', port: 0 },
      { name: 'admin', port: 9000 },
    ],
    readinessProbe: { httpGet: { path: '/health', port: 'http' }, periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { exec: { command: ['./check', 'a b'] } },
    startupProbe: { notify: {} },
    dependsOn: [{ name: 'llm' }, { name: 'db', namespace: 'team', condition: 'Started' }],
    resources: { limits: { cpu: '1', memory: '512Mi' } },
    env: [
      { name: 'FEED', value: 'feed.jsonl' },
      { name: 'KEY', valueFrom: { secretKeyRef: { name: 'reddit', key: 'token' } } },
      { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'mode' } } },
    ],
    envFrom: [{ configMapRef: { name: 'settings' } }, { prefix: 'R_', secretRef: { name: 'reddit' } }],
    stopSignal: 'SIGINT',
    terminationGracePeriodSeconds: 5,
  },
  status: {
    replicas: 2,
    readyReplicas: 1,
    updatedReplicas: 1,
    conditions: [
      condition('Accepted', 'False', 'InvalidManifest', 'web.yaml:3:1: unknown field "comand"'),
      condition('Ready', 'False', 'CrashLoopBackOff', '1 of 2 replicas ready; replica 1: it exits with code 7.'),
      ...READY.slice(2),
    ],
  },
})
const declaring = { objects: [{ kind: 'AgentService', namespace: 'default', name: 'web' }] }

describe('a service', () => {
  test('is described as the golden file has it', async () => {
    const facts = {
      service: full,
      pods: [crashedPod('web', 1), pod('other', 0), pod('web', 0)],
      revisions: [revision(3)],
      manifests: [
        manifest('web.yaml', { ...declaring, state: 'Invalid', errors: ['web.yaml:3:1: unknown field "comand"'] }),
        manifest('copy.yaml', { state: 'Invalid', errors: ['AgentService web is declared in web.yaml too'] }),
        manifest('other.yaml', { state: 'Invalid', errors: ['other.yaml:1:1: web-2 is not this one'] }),
      ],
    }
    await expect(describeService(facts, options)).toMatchFileSnapshot(golden('describe-service.txt'))
  })

  test('that orc has not looked at yet is described too', async () => {
    const facts = { service: service('fresh', { status: {} }), pods: [], manifests: [], revisions: [] }
    await expect(describeService(facts, options)).toMatchFileSnapshot(golden('describe-service-fresh.txt'))
  })
})

test('a service tells which revision is in force, which one failed, and how its limits hold', async () => {
  const failed = revision(2, { state: 'Rejected', message: 'The process exited with code 3 after 1 s.' })
  const good = revision(3, { state: 'InForce' })
  const rolledBack = condition(
    'Accepted',
    'False',
    'RolledBack',
    'Revision 2 failed: it exits. The last one is in force.',
  )
  const object = service('web', {
    spec: {
      command: ['./web'],
      resources: { limits: { memory: '1Gi', pids: 64 } },
      updateStrategy: { type: 'RollingUpdate', maxUnavailable: 0, maxSurge: 1, minReadySeconds: 5 },
    },
    status: {
      ...{ observedGeneration: 1, replicas: 1, readyReplicas: 1, updatedReplicas: 1, availableReplicas: 1 },
      currentRevision: good.orc.revision,
      rejectedRevision: failed.orc.revision,
      enforcement: { cpu: 'None', memory: 'Sampled', pids: 'None' },
      conditions: [rolledBack, ...READY.slice(1)],
    },
  })
  const orc = { pid: 4000, run: 1, cpu: '12m', memory: '65536Ki', processes: 3 }
  const facts = { service: object, pods: [pod('web', 0, { orc })], manifests: [], revisions: [failed, good] }
  await expect(describeService(facts, options)).toMatchFileSnapshot(golden('describe-service-rolled-back.txt'))
})

test('a service tells how it failed, those that are alike in one row', () => {
  const at = (agoMs: number): string => new Date(options.nowMs - agoMs).toISOString()
  const group = {
    fingerprint: 'f',
    count: 12,
    exitCode: 1,
    reason: 'Exited',
    firstSeen: at(9e6),
    lastSeen: at(180_000),
  }
  const killed = { ...group, count: 1, exitCode: 137, signal: 9, reason: 'OOMKilled', lastSeen: at(8e6) }
  const items = [{ ...group, line: 'ConnectionError: \u001b[31mrefused' }, killed] as FailureGroup[]
  const since = at(7 * 24 * 3_600_000)
  expect(
    failureSection({ since, items }, options)
      .split('\n')
      .map((line) => line.trimEnd()),
  ).toEqual([
    '',
    'Failures (7d)',
    '  COUNT   LAST SEEN   REASON      EXIT CODE        LAST LINE',
    '  12x     3m          Exited      1                ConnectionError: refused',
    '  1x      133m        OOMKilled   137 (signal 9)',
    '',
  ])
  expect(failureSection({ since, items: [] }, options)).toBe('')
})

describe('an object', () => {
  test.each([
    ['pod', crashedPod('web', 1)],
    ['configmap', CONFIG_MAP],
    ['secret', SECRET],
    ['controllerrevision', revision(2, { state: 'Rejected', message: 'The process exited with code 3 after 1 s.' })],
    ['podmetrics', METRICS],
    [
      'manifest',
      manifest('team/web.yaml', { ...declaring, state: 'Invalid', errors: ['team/web.yaml:3:1: no'], warnings: ['w'] }),
    ],
  ])('of kind %s is described as the golden file has it', async (name, object) => {
    await expect(describeObject(object, options)).toMatchFileSnapshot(golden(`describe-${name}.txt`))
  })

  test('never shows the value of a Secret, in no form', () => {
    const secret: Secret = { ...SECRET, data: { token: Buffer.from('hunter2').toString('base64') } }
    for (const raw of [true, false]) {
      const text = describeObject(secret, { ...options, raw })
      expect(text).toContain('token: 7 bytes')
      expect(text).not.toContain('hunter2')
      expect(text).not.toContain('aHVudGVyMg')
    }
  })
})
