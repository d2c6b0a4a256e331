import { RESTARTED_AT, type AgentService, type ConfigMap } from '@orc/schemas'
import { expect, test } from 'vitest'
import { CONFIG_MAP, service } from '../../test/fixtures.ts'
import { intendedObject } from './intended.ts'

const wanted = (spec: Partial<AgentService['spec']> = {}, metadata: object = {}): AgentService => ({
  apiVersion: 'orc.dev/v1alpha1',
  kind: 'AgentService',
  metadata: { name: 'web', namespace: 'default', ...metadata },
  spec: { command: ['new'], ...spec },
})
const current = service('web', {
  spec: { command: ['old'], description: 'old', replicas: 3, operatingMode: 'Stopped', operatingModeReason: 'budget' },
})

test('is as the file says, at the version that was read', () => {
  const intended = intendedObject(wanted({ replicas: 1, operatingMode: 'Running' }), current) as AgentService
  expect(intended.spec).toEqual({ command: ['new'], replicas: 1, operatingMode: 'Running' })
  expect(intended.metadata).toEqual({ name: 'web', namespace: 'default', resourceVersion: '17' })
})

test('keeps what scale and stop have set where the file is silent', () => {
  const intended = intendedObject(wanted(), current) as AgentService
  expect(intended.spec).toEqual({
    command: ['new'],
    replicas: 3,
    operatingMode: 'Stopped',
    operatingModeReason: 'budget',
  })
})

test('keeps the reason of a stop only together with the stop', () => {
  const intended = intendedObject(wanted({ operatingMode: 'Stopped' }), current) as AgentService
  expect(intended.spec.operatingModeReason).toBeUndefined()
})

test('keeps annotations of tools, and of the others those of the file', () => {
  const annotations = { [RESTARTED_AT]: '2026-01-01T00:00:00Z', mine: 'old', 'a.kubernetes.io/b': 'c' }
  const marked = { ...current, metadata: { ...current.metadata, annotations } }
  const intended = intendedObject(wanted({}, { annotations: { note: 'new' } }), marked)
  expect(intended.metadata.annotations).toEqual({
    [RESTARTED_AT]: '2026-01-01T00:00:00Z',
    'a.kubernetes.io/b': 'c',
    note: 'new',
  })
})

test('drops keys of a ConfigMap that the file no longer has', () => {
  const smaller: ConfigMap = { ...CONFIG_MAP, data: { FEED: 'b' } }
  expect((intendedObject(smaller, CONFIG_MAP) as ConfigMap).data).toEqual({ FEED: 'b' })
})
