import type { AgentService } from '@orc/schemas'
import { describe, expect, test } from 'vitest'
import { SCALE, selectorOf } from './scale.ts'

const SERVICE: AgentService = {
  apiVersion: 'orc.dev/v1alpha1',
  kind: 'AgentService',
  metadata: {
    name: 'a',
    namespace: 'x',
    uid: 'u',
    resourceVersion: '7',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { l: '1' },
  },
  spec: { command: ['x'], replicas: 3 },
  status: { replicas: 2 },
}

test('shows what autoscaling/v1 knows, and no more', () => {
  expect(SCALE.show(SERVICE)).toEqual({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'a', namespace: 'x', uid: 'u', resourceVersion: '7', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { replicas: 3 },
    status: { replicas: 2, selector: 'orc.dev/service=a' },
  })
})

test('the selector is what the status says, else what it will say', () => {
  expect(selectorOf(SERVICE)).toBe('orc.dev/service=a')
  expect(selectorOf({ ...SERVICE, status: { selector: 's=t' } })).toBe('s=t')
})

describe('a change', () => {
  test('touches the replicas alone', () => {
    expect(SCALE.change(SERVICE, { spec: { replicas: 5 } })).toEqual({
      ok: true,
      object: { ...SERVICE, spec: { ...SERVICE.spec, replicas: 5 } },
    })
  })

  test.each([
    {},
    null,
    { spec: null },
    { spec: {} },
    { spec: { replicas: '3' } },
    { spec: { replicas: 1.5 } },
    { spec: { replicas: null } },
  ])('to %j is refused: nothing must read as "stop all"', (view) => {
    expect(SCALE.change(SERVICE, view)).toMatchObject({
      ok: false,
      refusal: { reason: 'Invalid', causes: [{ field: 'spec.replicas' }] },
    })
  })
})
