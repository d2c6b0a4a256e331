import type { AgentServiceStatus, Condition } from '@orc/schemas'
import { expect, test } from 'vitest'
import { condition, READY, service } from '../../test/fixtures.ts'
import { rolloutState } from './rollout-state.ts'

const [ACCEPTED, IS_READY, SETTLED, NOT_STALLED] = READY as [Condition, Condition, Condition, Condition]
const ROLLING = condition('Progressing', 'True', 'RollingOut', '1 of 3')

function stateOf(status: AgentServiceStatus, spec = {}): string {
  const counts = { observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 }
  const object = service('web', { status: { ...counts, conditions: READY, ...status } })
  const { type, message } = rolloutState({ ...object, spec: { ...object.spec, replicas: 3, ...spec } })
  return `${type}: ${message}`
}

const TO = 'Waiting: Waiting for agentservice "web" rollout to finish:'

test.each<[string, AgentServiceStatus]>([
  ['Complete: agentservice "web" successfully rolled out', {}],
  ['Waiting: Waiting for agentservice spec update to be observed...', { observedGeneration: 0 }],
  [
    `${TO} 1 out of 3 new replicas have been updated...`,
    { updatedReplicas: 1, conditions: [ACCEPTED, IS_READY, ROLLING, NOT_STALLED] },
  ],
  [
    `${TO} 1 old replicas are pending termination...`,
    { replicas: 4, conditions: [ACCEPTED, IS_READY, ROLLING, NOT_STALLED] },
  ],
  [
    `${TO} 2 of 3 updated replicas are available...`,
    { availableReplicas: 2, conditions: [ACCEPTED, IS_READY, ROLLING, NOT_STALLED] },
  ],
  // A restart: the replicas are of the revision already, and still to be replaced.
  [`${TO} 1 of 3`, { conditions: [ACCEPTED, IS_READY, ROLLING, NOT_STALLED] }],
  // A probe that fails is waited for, though nothing else is left to do.
  [
    `${TO} 2 of 3 updated replicas are available...`,
    {
      availableReplicas: 2,
      conditions: [ACCEPTED, condition('Ready', 'False', 'ProbeFailed', '503'), SETTLED, NOT_STALLED],
    },
  ],
  [
    'Paused: agentservice "web" is paused; "orc rollout resume web" lets it go on',
    { conditions: [ACCEPTED, IS_READY, condition('Progressing', 'False', 'RolloutPaused', ''), NOT_STALLED] },
  ],
  [
    'Failed: agentservice "web" was rolled back: Revision 2 failed.',
    { conditions: [condition('Accepted', 'False', 'RolledBack', 'Revision 2 failed.'), ...READY.slice(1)] },
  ],
  [
    'Failed: agentservice "web" InvalidManifest: web.yaml:1:1: no',
    { conditions: [condition('Accepted', 'False', 'InvalidManifest', 'web.yaml:1:1: no'), ...READY.slice(1)] },
  ],
  [
    'Failed: agentservice "web" exceeded its progress deadline: 0 of 3',
    {
      conditions: [...READY.slice(0, 3), condition('Stalled', 'True', 'ProgressDeadlineExceeded', '0 of 3')],
    },
  ],
  [
    'Failed: agentservice "web" failed: It exited with code 1.',
    {
      availableReplicas: 0,
      conditions: [ACCEPTED, condition('Ready', 'False', 'Failed', 'It exited with code 1.'), SETTLED, NOT_STALLED],
    },
  ],
  [
    'Complete: agentservice "web" successfully rolled out',
    {
      availableReplicas: 0,
      conditions: [ACCEPTED, condition('Ready', 'False', 'Completed', ''), SETTLED, NOT_STALLED],
    },
  ],
  [
    'Complete: agentservice "web" is stopped',
    {
      availableReplicas: 0,
      conditions: [ACCEPTED, condition('Ready', 'False', 'Stopped', ''), SETTLED, NOT_STALLED],
    },
  ],
])('%s', (expected, status) => {
  expect(stateOf(status)).toBe(expected)
})

test('no replicas are complete at once', () => {
  expect(stateOf({ availableReplicas: 0 }, { replicas: 0 })).toMatch(/^Complete/)
})
