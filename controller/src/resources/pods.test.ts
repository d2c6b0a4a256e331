import { expect, test } from 'vitest'
import { Failure } from '../api/errors.ts'
import { readSelection } from '../api/selectors.ts'
import { podOf } from '../api/server-fake.ts'
import { pods } from './pods.ts'

// As kubectl describe node and kubectl get pods --field-selector send them.
test.each([
  ['spec.nodeName=localhost', true],
  ['spec.nodeName=other', false],
  ['spec.nodeName=localhost,status.phase!=Succeeded,status.phase!=Failed', true],
  ['status.phase=Running', true],
  ['status.phase!=Running', false],
  ['status.podIP=127.0.0.1', true],
  ['spec.restartPolicy=Never', false],
  ['metadata.name=web-0,metadata.namespace=default', true],
])('%s: %j', (fieldSelector, expected) => {
  const selection = readSelection(new URLSearchParams({ fieldSelector }), pods.fields)
  if (selection instanceof Failure) return expect.unreachable(selection.status.message)
  expect(selection.matches(podOf('web'))).toBe(expected)
})

test('other fields are not known', () => {
  const selection = readSelection(new URLSearchParams({ fieldSelector: 'spec.image=x' }), pods.fields)
  expect((selection as Failure).status).toMatchObject({ code: 400, message: 'field label not supported: spec.image' })
})
