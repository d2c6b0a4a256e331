import { expect, test } from 'vitest'
import { apiVersionOf, findResource, resourcePath, RESOURCES } from './resources.ts'

test.each([
  ['as', 'AgentService'],
  ['AgentServices', 'AgentService'],
  ['agentservice', 'AgentService'],
  ['cm', 'ConfigMap'],
  ['po', 'Pod'],
  ['pods', 'Pod'],
  ['ev', 'Event'],
  ['ns', 'Namespace'],
  ['podmetrics', 'PodMetrics'],
  ['mf', 'Manifest'],
  ['controllerrevisions', 'ControllerRevision'],
])('%s means %s', (word, kind) => {
  expect(findResource(word)?.kind).toBe(kind)
})

test('paths are those of the Kubernetes API', () => {
  expect(resourcePath(RESOURCES.agentservices)).toBe('/apis/orc.dev/v1alpha1/agentservices')
  expect(resourcePath(RESOURCES.agentservices, 'team', 'a', 'scale')).toBe(
    '/apis/orc.dev/v1alpha1/namespaces/team/agentservices/a/scale',
  )
  expect(resourcePath(RESOURCES.pods, 'default', 'a-0')).toBe('/api/v1/namespaces/default/pods/a-0')
  expect(resourcePath(RESOURCES.manifests, 'default', 'x')).toBe('/apis/orc.dev/v1alpha1/manifests/x')
  expect(apiVersionOf(RESOURCES.pods)).toBe('v1')
})
