import type { AgentService, KubeObject } from '@orc/schemas'
import { expect, test } from 'vitest'
import { followersSentence } from './followers.ts'

const settings = (mode: string, labels = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'default', labels },
    data: { mode },
  }) as KubeObject
const service = (name: string, spec: Partial<AgentService['spec']>): AgentService => ({
  apiVersion: 'orc.dev/v1alpha1',
  kind: 'AgentService',
  metadata: { name, namespace: 'default' },
  spec: { command: ['a'], ...spec },
})
const files = [{ configMapRef: { name: 'settings' } }]
const services = [
  service('still', { envFrom: files }),
  service('told', { files, reload: { mode: 'Signal', signal: 'SIGUSR1' } }),
  service('anew', { files, reload: { mode: 'Restart' } }),
  service('other', { files: [{ configMapRef: { name: 'others' } }] }),
]

test('a change of content says who is restarted, who is told and who is not', () => {
  expect(followersSentence(settings('a'), settings('b'), services)).toBe(
    'restarts anew, sends SIGUSR1 to told, restarts nothing of still (files follow, variables at the next start)',
  )
})

test('labels, and an object that nobody mentions, are no news', () => {
  expect(followersSentence(settings('a'), settings('a', { x: 'y' }), services)).toBeUndefined()
  expect(followersSentence(settings('a'), settings('b'), services.slice(3))).toBeUndefined()
})
