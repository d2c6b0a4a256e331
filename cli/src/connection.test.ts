import { expect, test } from 'vitest'
import { locateKubeconfig } from './connection.ts'

const cwd = '/nowhere/project'

test.each([
  ['the option', { kubeconfig: 'k' }, { ORC_KUBECONFIG: '/env' }, '/nowhere/project/k'],
  [
    'the option for the state directory',
    { stateDir: 's' },
    { ORC_KUBECONFIG: '/env' },
    '/nowhere/project/s/kubeconfig',
  ],
  ['ORC_KUBECONFIG', {}, { ORC_KUBECONFIG: '/env', ORC_STATE_DIR: '/state' }, '/env'],
  ['ORC_STATE_DIR', {}, { ORC_STATE_DIR: '/state' }, '/state/kubeconfig'],
  ['the present directory', {}, {}, '/nowhere/project/.orc/kubeconfig'],
  ['never KUBECONFIG', {}, { KUBECONFIG: '/cluster' }, '/nowhere/project/.orc/kubeconfig'],
])('the controller is looked for by %s', (_, place, env, expected) => {
  expect(locateKubeconfig(place, { env: env, cwd })).toBe(expected)
})
