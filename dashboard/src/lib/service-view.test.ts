import type { AgentService, AgentServiceSpec, Condition, Pod, Reason, Terminated } from '@orc/schemas'
import { describe, expect, test } from 'vitest'
import { serviceViews, type ServiceView } from './service-view.ts'

describe('the state', () => {
  test('is the reason why it is ready or not', () => {
    expect(view({ conditions: [ready('Ready')] })).toMatchObject({ reason: 'Ready', presentation: { word: 'Ready' } })
    expect(view({ conditions: [ready('DependencyNotReady', 'Waits until b is Ready.')] })).toMatchObject({
      presentation: { word: 'Waiting' },
      message: 'Waits until b is Ready.',
    })
  })

  test('of what orc has not looked at yet is Starting', () => {
    expect(view({ conditions: [] })).toMatchObject({ presentation: { word: 'Starting' }, sinceMs: undefined })
  })

  test('is what is refused, although what runs is ready', () => {
    const refused = condition('Accepted', 'False', 'InvalidManifest', 'Line 14 is not valid.')
    expect(view({ conditions: [refused, ready('Ready')] })).toMatchObject({
      presentation: { word: 'Stalled' },
      message: 'Line 14 is not valid.',
    })
  })

  test('is what orc is stuck at', () => {
    const stuck = condition('Stalled', 'True', 'PortConflict', 'Port 80 is taken by pid 1.')
    expect(view({ conditions: [ready('Starting'), stuck] })).toMatchObject({
      reason: 'PortConflict',
      message: 'Port 80 is taken by pid 1.',
    })
  })

  test('is Updating while replicas of two revisions are there', () => {
    const moving = condition('Progressing', 'True', 'WaitingForReady', 'Revision 1 to 2.')
    const pods = [pod({ ready: true, revision: 'new' }), pod({ ready: true, revision: 'old' })]
    const updating = view({ conditions: [ready('WaitingForReady'), moving], currentRevision: 'new' }, pods)
    expect(updating).toMatchObject({
      presentation: { word: 'Updating' },
      reason: 'WaitingForReady',
      message: 'Revision 1 to 2.',
    })
    expect(updating.replicas.map(({ slot }) => slot)).toEqual(['New', 'Ready'])
  })

  test('is Out of memory when that ended the last process', () => {
    const pods = [pod({ reason: 'BackOff', last: { reason: 'MemoryLimitExceeded' } })]
    expect(view({ conditions: [ready('BackOff')] }, pods).presentation.word).toBe('Out of memory')
    const earlier = pod({ reason: 'BackOff', last: { reason: 'OOMKilled', finishedAt: '2026-01-01T00:00:00Z' } })
    const later = pod({ reason: 'BackOff', last: { reason: 'Exited', finishedAt: '2026-01-02T00:00:00Z' } })
    expect(view({ conditions: [ready('BackOff')] }, [earlier, later]).presentation.word).toBe('Backing off')
  })
})

describe('the countdown', () => {
  const nextRetryTime = '2026-01-01T00:00:40Z'
  const atMs = Date.parse(nextRetryTime)

  test('is taken out of the sentence, for the page counts itself', () => {
    const message = 'The process exited with code 1 after 2 s. Its last line: no Restart 3 in this. Restart 69 in 42 s.'
    expect(view({ conditions: [ready('CrashLoopBackOff', message)], nextRetryTime })).toMatchObject({
      message: 'The process exited with code 1 after 2 s. Its last line: no Restart 3 in this.',
      next: { what: 'Restart 69', atMs },
    })
  })

  test('needs no words of orc', () => {
    expect(view({ conditions: [ready('BackOff', 'Wait.')], nextRetryTime })).toMatchObject({
      message: 'Wait.',
      next: { what: 'Next start', atMs },
    })
  })

  test('is that of the replica that starts first', () => {
    const pods = ['2026-01-01T00:00:50Z', nextRetryTime].map((time) => pod({ reason: 'BackOff', nextRetryTime: time }))
    expect(view({ conditions: [ready('BackOff')] }, pods).next?.atMs).toBe(atMs)
  })

  test('is absent when nothing waits', () => {
    expect(view({ conditions: [ready('Starting', 'Restart 3 in 2 s.')] })).toMatchObject({
      message: 'Restart 3 in 2 s.',
      next: undefined,
    })
  })
})

describe('the replicas', () => {
  test('are those of the service, by ordinal', () => {
    const pods = [pod({ ordinal: 2 }), pod({ ordinal: 10 }), pod({ ordinal: 0 }), pod({ service: 'other' })]
    const elsewhere = { ...pod({}), metadata: { ...pod({}).metadata, namespace: 'elsewhere' } }
    expect(view({ conditions: [] }, [...pods, elsewhere]).replicas.map(({ ordinal }) => ordinal)).toEqual([0, 2, 10])
  })

  test('are drawn by how they are', () => {
    const slots: [Parameters<typeof pod>[0], string][] = [
      [{ ready: true }, 'Ready'],
      [{ reason: 'WaitingForReady' }, 'Starting'],
      [{ reason: 'DependencyNotReady' }, 'Waiting'],
      [{ reason: 'CrashLoopBackOff' }, 'Failed'],
      [{ reason: 'Stopped' }, 'Off'],
      [{ reason: 'Completed' }, 'Off'],
    ]
    for (const [state, slot] of slots) expect(view({ conditions: [] }, [pod(state)]).replicas[0]?.slot).toBe(slot)
  })

  test('have a process or none', () => {
    const [running, waiting] = view({ conditions: [] }, [
      pod({ ready: true, pid: 4312, startedAt: '2026-01-01T00:00:00Z' }),
      pod({ ordinal: 1, reason: 'BackOff' }),
    ]).replicas
    expect(running?.process).toEqual({ pid: 4312, startedMs: Date.parse('2026-01-01T00:00:00Z') })
    expect(waiting?.process).toBeUndefined()
  })

  test('are wanted as declared, one by default, none when stopped or completed', () => {
    const running = [ready('Ready')]
    expect(view({ conditions: running }).wanted).toBe(1)
    expect(view({ conditions: running }, [], { replicas: 3 }).wanted).toBe(3)
    expect(view({ conditions: [ready('Stopped')] }, [], { replicas: 3 }).wanted).toBe(0)
    expect(view({ conditions: [ready('Completed')] }).wanted).toBe(0)
  })
})

test('limits are those of all live replicas together', () => {
  const resources = { limits: { cpu: '500m', memory: '512Mi' } }
  const pods = [pod({ ready: true }), pod({ ordinal: 1, ready: true }), pod({ ordinal: 2, reason: 'BackOff' })]
  expect(view({ conditions: [] }, pods, { resources }).limits).toEqual({ cpu: 1, memory: 2 ** 30 })
  expect(view({ conditions: [] }, [], { resources }).limits).toEqual({ cpu: 0.5, memory: 2 ** 29 })
})

test('the last lines are shown where something is wrong', () => {
  const pods = [pod({ reason: 'CrashLoopBackOff', last: { message: 'one\ntwo\n' } })]
  expect(view({ conditions: [ready('CrashLoopBackOff')] }, pods).lastLines).toBe('one\ntwo')
  expect(view({ conditions: [ready('Ready')] }, pods).lastLines).toBeUndefined()
})

test('who stopped it says why and until when', () => {
  const spec = { operatingModeReason: 'quota', operatingModeUntil: '2026-01-01T06:00:00Z' }
  expect(view({ conditions: [ready('Stopped')] }, [], spec).stopped).toEqual({
    reason: 'quota',
    untilMs: Date.parse('2026-01-01T06:00:00Z'),
  })
  expect(view({ conditions: [ready('Ready')] }, [], spec).stopped).toBeUndefined()
})

function view(
  status: NonNullable<AgentService['status']>,
  pods: readonly Pod[] = [],
  spec: Partial<AgentServiceSpec> = {},
): ServiceView {
  const service: AgentService = {
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'AgentService',
    metadata: { name: 'a', namespace: 'default' },
    spec: { command: ['a'], ...spec },
    status,
  }
  const [only] = serviceViews([service], pods)
  if (only === undefined) throw new Error('no view')
  return only
}

function ready(reason: Reason, message = ''): Condition {
  return condition('Ready', reason === 'Ready' ? 'True' : 'False', reason, message)
}

function condition(type: string, status: Condition['status'], reason: Reason, message: string): Condition {
  return { type, status, reason, message, lastTransitionTime: '2026-01-01T00:00:00Z' }
}

function pod(state: {
  readonly service?: string
  readonly ordinal?: number
  readonly ready?: boolean
  readonly reason?: Reason
  readonly revision?: string
  readonly pid?: number
  readonly startedAt?: string
  readonly nextRetryTime?: string
  readonly last?: Partial<Terminated>
}): Pod {
  const { service = 'a', ordinal = 0, reason = 'Ready', startedAt = '2026-01-01T00:00:00Z' } = state
  const isReady = state.ready === true
  const end = { exitCode: 1, reason: 'Exited', startedAt, finishedAt: startedAt, containerID: '' } as const
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${service}-${String(ordinal)}`,
      namespace: 'default',
      labels: {
        'orc.dev/service': service,
        'orc.dev/ordinal': String(ordinal),
        'orc.dev/revision': state.revision ?? 'r',
      },
    },
    spec: { containers: [{ name: service, command: [], ports: [] }], restartPolicy: 'Always', nodeName: 'host' },
    status: {
      phase: 'Running',
      conditions: [],
      message: '',
      reason,
      hostIP: '127.0.0.1',
      podIP: '127.0.0.1',
      containerStatuses: [
        {
          name: service,
          ready: isReady,
          started: isReady,
          restartCount: 0,
          image: '',
          imageID: '',
          containerID: '',
          state: isReady ? { running: { startedAt } } : { waiting: { reason, message: '' } },
          lastState: state.last === undefined ? {} : { terminated: { ...end, ...state.last } },
        },
      ],
      orc: {
        ...(state.pid === undefined ? {} : { pid: state.pid }),
        ...(state.nextRetryTime === undefined ? {} : { nextRetryTime: state.nextRetryTime }),
      },
    },
  }
}
