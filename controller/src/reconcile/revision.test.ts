import { validate, type AcceptedSpec, type AgentService } from '@orc/schemas'
import { expect, test } from 'vitest'
import { revisionOf } from './revision.ts'

function revision(fields: Partial<AgentService['spec']>): string {
  const checked = validate({
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'AgentService',
    metadata: { name: 'a' },
    spec: { command: ['a'], ...fields },
  })
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues))
  return revisionOf((checked.object as AgentService).spec as AcceptedSpec)
}

test.each([
  { command: ['b'] },
  { args: ['x'] },
  { workingDir: 'x' },
  { env: [{ name: 'A', value: '1' }] },
  { envFrom: [{ configMapRef: { name: 'c' } }] },
  { files: [{ configMapRef: { name: 'c' } }] },
  { inheritEnv: [] },
  { ports: [{ name: 'http', port: 0 }] },
])('%j needs a new process', (fields) => {
  expect(revision(fields)).not.toBe(revision({}))
})

test.each<Partial<AgentService['spec']>>([
  { description: 'x' },
  { replicas: 3 },
  { operatingMode: 'Stopped' },
  { restartPolicy: 'Never' },
  { terminationGracePeriodSeconds: 5 },
  { readinessProbe: { tcpSocket: { port: 80 } } },
  { backoff: { maxSeconds: 60 } },
])('%j does not', (fields) => {
  expect(revision(fields)).toBe(revision({}))
})

test('a spec that has none of the fields that came later keeps its revision', () => {
  expect(revision({})).toBe('9e549c1d20980dc1')
})

test('the order of keys says nothing', () => {
  expect(revision({ ports: [{ name: 'http', port: 0 }] })).toBe(revision({ ports: [{ port: 0, name: 'http' }] }))
})
