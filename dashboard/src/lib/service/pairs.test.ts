import type { AgentService, AgentServiceSpec, Pod } from '@orc/schemas'
import { describe, expect, test } from 'vitest'
import { serviceViews } from '#lib/service-view.ts'
import { conditionView } from './conditions.ts'
import { neighboursOf } from './neighbours.ts'
import { pairsOf } from './pairs.ts'
import { changedFields, sayChanges } from './revisions.ts'
import { evidenceOf } from './why.ts'

function service(name: string, spec: Partial<AgentServiceSpec>, reason = 'Ready', more: object = {}): AgentService {
  const status = reason === 'Ready' || reason === 'Completed' ? 'True' : 'False'
  return {
    ...{ apiVersion: 'orc.dev/v1alpha1', kind: 'AgentService', metadata: { name, namespace: 'default' } },
    spec: { command: ['a'], ...spec },
    status: {
      ...{ readyReplicas: status === 'True' ? 1 : 0, currentRevision: 'aaaaaaaaaa', ...more },
      conditions: [{ type: 'Ready', status, reason, message: 'm', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    },
  }
}

function pod(of: string, ordinal: number, reason: string, orc: object = { pid: 7 }, terminated?: object): Pod {
  const ready = reason === 'Ready'
  return {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: {
      ...{ name: `${of}-${String(ordinal)}`, namespace: 'default' },
      labels: { 'orc.dev/service': of, 'orc.dev/ordinal': String(ordinal), 'orc.dev/revision': 'aaaaaaaaaa' },
    },
    spec: { containers: [{ ports: [] }] },
    status: {
      ...{ reason, message: 'connection refused', orc, conditions: [] },
      containerStatuses: [{ ready, state: ready ? { running: {} } : {}, lastState: terminated ? { terminated } : {} }],
    },
  } as unknown as Pod
}

function rows(own: AgentService, pods: readonly Pod[], others: readonly AgentService[] = []): string[] {
  const services = [own, ...others]
  const views = serviceViews(services, pods)
  const [view] = views
  if (view === undefined) throw new Error('no view')
  const { needs } = neighboursOf(own, services, views)
  return pairsOf({ service: own, view, pods, needs, revisions: [], ageMs: () => 40_000 }).map(
    ({ name, declared, observed, differs }) => `${name}: ${declared} ${differs ? '≠' : '='} ${observed}`,
  )
}

describe('desired beside actual', () => {
  test('all agrees where all is well', () => {
    const own = service(
      'web',
      {
        ...{ readinessProbe: { httpGet: { path: '/health', port: 'http' }, periodSeconds: 5 } },
        resources: { limits: { memory: '768Mi', cpu: 2 } },
        dependsOn: [{ name: 'db' }],
      },
      'Ready',
      { enforcement: { memory: 'Kernel', cpu: 'Sampled', pids: 'None' } },
    )
    const pods = [pod('web', 0, 'Ready', { pid: 7, memory: '700Mi', cpu: '840m' })]
    expect(rows(own, pods, [service('db', {})])).toEqual([
      'Replicas: 1 = 1 ready',
      'Revision: aaaaaaa = aaaaaaa on 1 of 1',
      'Memory limit: 768\u00a0MiB = 700\u00a0MiB, held by the kernel',
      'CPU limit: 2.00\u00a0cores = 0.84\u00a0cores, judged by samples',
      'Readiness: GET /health, every 5\u00a0s = passes',
      'Needs: db Ready = Ready for 40\u00a0s',
      'Mode: Running, restart Always = Running',
    ])
  })

  test('what differs is marked, and what cannot be known is not made up', () => {
    const own = service(
      'web',
      {
        ...{ replicas: 2, readinessProbe: { tcpSocket: { port: 80 } }, resources: { limits: { memory: '1Gi' } } },
        dependsOn: [{ name: 'gone', condition: 'Started' }],
      },
      'CrashLoopBackOff',
    )
    const pods = [pod('web', 0, 'CrashLoopBackOff', {}, { reason: 'OOMKilled' }), pod('web', 1, 'Starting', {})]
    expect(rows(own, pods)).toEqual([
      'Replicas: 2 ≠ 0 ready, 1 crash loop, 1 starting',
      'Revision: aaaaaaa = aaaaaaa on 2 of 2',
      'Memory limit: 1\u00a0GiB each ≠ –, the limit was reached',
      'Readiness: connects to port 80, every 10\u00a0s ≠ –',
      'Needs: gone Started ≠ not declared',
      'Mode: Running, restart Always ≠ Out of memory',
    ])
  })

  test('a service that is stopped on purpose is as declared', () => {
    const own = service('web', { operatingMode: 'Stopped' }, 'Stopped')
    expect(rows(own, []).filter((row) => row.includes('≠'))).toEqual([])
  })

  test('a limit that nothing enforces is not there', () => {
    const own = service('web', { resources: { limits: { memory: '1Gi' } } }, 'Ready', {
      enforcement: { memory: 'None', cpu: 'None', pids: 'None' },
    })
    expect(rows(own, [pod('web', 0, 'Ready')])[2]).toBe('Memory limit: 1\u00a0GiB ≠ –, not enforced on this host')
  })
})

describe('what depends on what', () => {
  const web = service('web', { dependsOn: [{ name: 'db' }, { name: 'llm', namespace: 'ml' }] })
  const mail = service('mail', { dependsOn: [{ name: 'web', condition: 'Started' }] }, 'DependencyNotReady')
  const services = [web, mail, service('db', {})]
  const views = serviceViews(services, [])

  test('is one step in each direction', () => {
    const { needs, neededBy } = neighboursOf(web, services, views)
    expect(needs.map(({ name, view }) => [name, view?.href])).toEqual([
      ['db', '/services/default/db'],
      ['ml/llm', undefined],
    ])
    expect(neededBy.map(({ name, condition }) => [name, condition])).toEqual([['mail', 'Started']])
  })

  test('who waits is said', () => {
    const { neededBy } = neighboursOf(web, services, views)
    const [view] = views
    if (view === undefined) throw new Error('no view')
    expect(evidenceOf({ view, runs: undefined, revisions: [], neededBy })).toEqual(['mail waits for this service.'])
  })
})

test('what two revisions differ in is said by field', () => {
  const before = {
    command: ['a'],
    resources: { limits: { memory: '1Gi', cpu: 1 } },
    env: [{ name: 'A', value: 'x'.repeat(60) }],
  }
  const after = { command: ['a'], resources: { limits: { memory: '768Mi' } }, env: [], replicas: 2 }
  const changes = changedFields(before, after)
  expect(changes.map(({ path }) => path)).toEqual([
    'resources.limits.memory',
    'resources.limits.cpu',
    'env',
    'replicas',
  ])
  expect(sayChanges(changes.slice(0, 3))).toBe(
    'resources.limits.memory 1Gi to 768Mi, resources.limits.cpu removed, env changed',
  )
  expect(sayChanges(changes)).toMatch(/and 2 more$/)
})

test('a condition says what to do while it is not as it should be', () => {
  const condition = {
    type: 'Ready',
    status: 'False',
    reason: 'StartFailed',
    message: '',
    lastTransitionTime: '',
  } as const
  expect(conditionView(condition)).toMatchObject({
    words: 'Not ready',
    role: 'bad',
    advice: expect.stringContaining('command'),
  })
  expect(conditionView({ ...condition, status: 'True' })).toMatchObject({
    words: 'Ready',
    role: 'ok',
    advice: undefined,
  })
  expect(conditionView({ ...condition, type: 'Other', status: 'Unknown' }).words).toBe('Other is Unknown')
})
