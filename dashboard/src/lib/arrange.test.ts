import { expect, test } from 'vitest'
import { arrange } from './arrange.ts'
import { present } from './present.ts'
import type { ServiceView } from './service-view.ts'

const services = [
  service('a', 'Ready', 1, 'x'),
  service('b', 'CrashLoopBackOff', 9, 'y'),
  service('c', 'Starting', 3, 'x'),
  service('d', 'Stopped', 0, 'y'),
]
const memory: Readonly<Record<string, number>> = { a: 10, c: 30 }
const useOf = ({ name }: ServiceView) => ({ cpu: undefined, memory: memory[name] })

test.each([
  [
    'attention',
    'state',
    false,
    [
      ['Needs you', 'b'],
      ['Held back or changing', 'c'],
      ['As declared', 'ad'],
    ],
  ],
  [
    'namespace',
    'name',
    true,
    [
      ['x', 'ca'],
      ['y', 'db'],
    ],
  ],
  ['none', 'restarts', false, [['All services', 'bcad']]],
  ['none', 'memory', false, [['All services', 'cabd']]],
  ['none', 'state', true, [['All services', 'dacb']]],
] as const)('grouped by %s, sorted by %s', (group, sort, isDescending, expected) => {
  const groups = arrange(services, { group, sort, isDescending }, useOf)
  expect(groups.map((one) => [one.title, one.services.map(({ name }) => name).join('')])).toEqual(expected)
})

function service(name: string, reason: string, restarts: number, namespace: string): ServiceView {
  return { name, namespace, restarts, presentation: present(reason) } as unknown as ServiceView
}
