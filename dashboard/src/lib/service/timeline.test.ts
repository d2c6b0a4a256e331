import type { ControllerRevision, EndedRun, KubeEvent, Pod } from '@orc/schemas'
import { describe, expect, test } from 'vitest'
import { revisionViews } from './revisions.ts'
import { foldCycles, momentsOf, sayEnd, type TimelineWorld } from './timeline.ts'

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString()

function run(number: number, started: number, finished: number, more: Partial<EndedRun> = {}): EndedRun {
  return {
    ...{ runId: `0/${String(number)}`, ordinal: 0, run: number, incarnation: 1, revision: 'aaaaaaaaaa', exitCode: 3 },
    ...{ reason: 'Exited', startedAt: at(started), finishedAt: at(finished), message: 'a\nlast', fingerprint: 'f' },
    ...more,
  }
}

function revision(number: number, seconds: number, workingDir: string): ControllerRevision {
  return {
    ...{ apiVersion: 'apps/v1', kind: 'ControllerRevision', revision: number },
    metadata: { name: `web-${String(number)}`, creationTimestamp: at(seconds) },
    data: { spec: { command: ['a'], workingDir } },
    orc: { state: 'InForce', revision: `hash${String(number)}` },
  }
}

function event(reason: KubeEvent['reason'], seconds: number, message: string, kind = 'Pod'): KubeEvent {
  const involvedObject = { apiVersion: 'v1', kind, namespace: 'default', name: 'web-0', uid: '' }
  return {
    ...{ apiVersion: 'v1', kind: 'Event', metadata: { name: `${kind}.${reason}.${message}` }, involvedObject },
    ...{ type: 'Normal', reason, message, source: { component: 'orc' }, firstTimestamp: at(0), count: 1 },
    ...{ lastTimestamp: at(seconds), reportingComponent: 'orc', reportingInstance: '' },
  }
}

/** A replica that lives, or waits until then. */
function pod(state: 'Running' | 'BackOff', seconds: number, last?: EndedRun): Pod {
  const terminated = last && { ...last, exitCode: last.exitCode, containerID: `orc://${last.runId}` }
  return {
    metadata: { name: 'web-0', labels: { 'orc.dev/ordinal': '0' } },
    status: {
      orc: state === 'Running' ? { run: 9 } : { nextRetryTime: at(seconds) },
      containerStatuses: [
        {
          containerID: state === 'Running' ? 'orc://0/9' : `orc://${last?.runId ?? ''}`,
          state: state === 'Running' ? { running: { startedAt: at(seconds) } } : { waiting: {} },
          lastState: terminated === undefined ? {} : { terminated },
        },
      ],
    },
  } as unknown as Pod
}

function tell(world: Partial<TimelineWorld>): string[] {
  const all = { service: 'web', pods: [], events: [], runs: [], revisions: [], ...world }
  return foldCycles(momentsOf(all)).map(({ type, title }) => `${type}: ${title}`)
}

test('a revision, its plan, the end of a process and what followed stand in the order of time', () => {
  const lines = tell({
    revisions: revisionViews([revision(1, 0, 'a'), revision(2, 10, 'b')]),
    events: [event('SpecChanged', 10, 'A new revision replaces the process. The process is asked to end (SIGTERM).')],
    runs: [run(2, 12, 20), run(1, 0, 11, { reason: 'SpecChanged', exitCode: 143, signal: 15, fingerprint: '' })],
    pods: [pod('Running', 30)],
  })
  expect(lines).toEqual([
    'Revision: Revision 1',
    'Revision: Revision 2: workingDir a to b',
    'Plan: A new revision replaces the process. The process is asked to end (SIGTERM).',
    'Exit: web-0 was ended by SIGTERM',
    'Exit: web-0 exited with code 3',
    'Backoff: Waited 10\u00a0s, then started again',
    'Action: web-0 was started',
  ])
})

describe('cycles', () => {
  const crashes = [0, 1, 2, 3, 4].map((turn) => run(turn, turn * 10, turn * 10 + 10 - turn))

  test('that are equal fold into how many and how long they waited', () => {
    expect(tell({ runs: crashes })).toEqual([
      'Exit: web-0 exited with code 3',
      'Backoff: Restarted at once',
      'Fold: The same 3 more times, waits from 1\u00a0s to 3\u00a0s',
      'Exit: web-0 exited with code 3',
    ])
  })

  test('that differ, or are few, are all shown', () => {
    const mixed = crashes.map((each, index) => ({ ...each, exitCode: index % 2 }))
    expect(tell({ runs: mixed }).some((line) => line.startsWith('Fold'))).toBe(false)
    expect(tell({ runs: crashes.slice(0, 3) })).toHaveLength(5)
  })

  test('of two replicas at the same moment stay whole', () => {
    const other = crashes.map((each) => ({ ...each, runId: `1/${String(each.run)}`, ordinal: 1 }))
    expect(tell({ runs: [...crashes, ...other] })[2]).toBe(
      'Fold: The same 8 more times, waits from less than 1\u00a0s to 3\u00a0s',
    )
  })

  test('hold all that they fold', () => {
    const fold = foldCycles(momentsOf({ service: 'web', pods: [], events: [], runs: crashes, revisions: [] }))[2]
    expect(fold?.type === 'Fold' && fold.moments.length).toBe(6)
  })
})

test('the end that a pod tells of is there before history knows it, and once', () => {
  const last = run(4, 0, 10)
  const pods = [pod('BackOff', 15, last)]
  const lines = ['Exit: web-0 exited with code 3', 'Backoff: Waits 5\u00a0s until it is started again']
  expect(tell({ pods })).toEqual(lines)
  expect(tell({ pods, runs: [last] })).toEqual(lines)
})

test('what runs and pods tell better is not told by events again', () => {
  const events = [
    event('Started', 1, 'The process was started.'),
    event('BackOff', 1, 'It waits.'),
    event('Exited', 1, 'The process exited with code 3.'),
    event('Ready', 1, 'Ready.', 'AgentService'),
  ]
  expect(tell({ events })).toEqual([])
  expect(tell({ events: [event('Ready', 1, 'The replica is ready.')] })).toEqual(['Action: The replica is ready.'])
})

test.each([
  [{ exitCode: 1, reason: 'Exited' }, 'exited with code 1'],
  [{ exitCode: 137, signal: 9, reason: 'Killed' }, 'was ended by SIGKILL'],
  [{ exitCode: 137, signal: 9, reason: 'OOMKilled' }, 'was killed for memory'],
  [{ exitCode: -1, reason: 'ExitCodeUnknown' }, 'is gone, and nobody saw how it ended'],
  [{ exitCode: 163, signal: 35, reason: 'Killed' }, 'was ended by signal 35'],
] as const)('%j %s', (end, words) => {
  expect(sayEnd(end)).toBe(words)
})
