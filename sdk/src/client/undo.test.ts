import type { AgentService } from '@orc/schemas'
import { expect, test } from 'vitest'
import { undoPatch } from './undo.ts'

const patch = (declared: object, wanted: object): object =>
  undoPatch({ spec: { command: ['a'], ...declared } } as AgentService, {
    data: { spec: { command: ['a'], ...wanted } },
  })

test.each<[string, object, object, object]>([
  [
    'writes only what differs',
    { env: [{ name: 'V', value: '2' }], args: ['x'], replicas: 3 },
    { env: [{ name: 'V', value: '1' }], args: ['x'] },
    { env: [{ name: 'V', value: '1' }] },
  ],
  ['is empty when nothing does', { args: [] }, { args: [] }, {}],
  ['removes what was not there', { workingDir: 'w' }, {}, { workingDir: null }],
  [
    'removes what has its default again',
    { args: ['x'], inheritEnv: [] },
    { args: [], inheritEnv: ['PATH'] },
    { args: null, inheritEnv: ['PATH'] },
  ],
  [
    'removes a default within an object too',
    { lifecycle: { postStart: { exec: { command: ['b'] }, timeoutSeconds: 9 } } },
    { lifecycle: { postStart: { exec: { command: ['b'] }, timeoutSeconds: 30 } } },
    { lifecycle: { postStart: { timeoutSeconds: null } } },
  ],
  [
    'removes what an object no longer holds, and keeps what it still does',
    {
      lifecycle: { preStop: { exec: { command: ['b'] }, timeoutSeconds: 9 }, postStart: { exec: { command: ['c'] } } },
    },
    { lifecycle: { preStop: { exec: { command: ['b'] }, timeoutSeconds: 30 } } },
    { lifecycle: { preStop: { timeoutSeconds: 30 }, postStart: null } },
  ],
])('a patch %s', (_, declared, wanted, expected) => {
  expect(patch(declared, wanted)).toEqual(expected)
})
