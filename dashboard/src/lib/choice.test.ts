import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GROUPINGS, isShown, nearestName, readChoice, SORTS, STATES, stateGroupOf, writeChoice } from './choice.ts'
import { present } from './present.ts'
import type { ServiceView } from './service-view.ts'

const plain = readChoice(new URLSearchParams())

test('the address says all that was chosen, and nothing when nothing was', () => {
  const choices = fc.record({
    text: fc.string(),
    states: fc.subarray([...STATES]),
    namespace: fc.string(),
    type: fc.string(),
    label: fc.string(),
    group: fc.constantFrom(...GROUPINGS),
    sort: fc.constantFrom(...SORTS),
    isDescending: fc.boolean(),
  })
  fc.assert(
    fc.property(choices, (choice) => {
      expect(readChoice(new URLSearchParams(writeChoice(choice).toString()))).toEqual(choice)
    }),
  )
  expect(writeChoice(plain).toString()).toBe('')
})

test('what cannot be understood is as if it were not there', () => {
  expect(readChoice(new URLSearchParams('state=nonsense&group=x&sort=-y'))).toEqual({ ...plain, isDescending: true })
})

describe('a service is shown', () => {
  const web = service('web', 'prod', 'CrashLoopBackOff', { 'orc.dev/type': 'tool', team: 'a' })
  test.each([
    ['', true],
    ['q=we', true],
    ['q=crash+web', true],
    ['q=team%3Da', true],
    ['q=other', false],
    ['state=failing', true],
    ['state=ready&state=stopped', false],
    ['namespace=prod', true],
    ['namespace=pro', false],
    ['label=team', true],
    ['label=team%3Db', false],
    ['type=tool', true],
    ['type=model', false],
  ])('by %s: %s', (address, expected) => {
    expect(isShown(web, readChoice(new URLSearchParams(address)))).toBe(expected)
  })
})

test.each([
  ['OOMKilled', 'Failing'],
  ['InvalidManifest', 'Stalled'],
  ['Held', 'Stalled'],
  ['DependencyNotReady', 'Waiting'],
  ['RollingOut', 'Updating'],
  ['Completed', 'Ready'],
  ['Stopped', 'Stopped'],
] as const)('%s counts as %s', (reason, group) => {
  expect(stateGroupOf({ presentation: present(reason) })).toBe(group)
})

test('a name with a slip is found, another one is not guessed', () => {
  expect(nearestName('fake-lm', ['fake-llm', 'web'])).toBe('fake-llm')
  expect(nearestName('zzz', ['fake-llm', 'webserver'])).toBeUndefined()
})

function service(name: string, namespace: string, reason: string, labels: Record<string, string>): ServiceView {
  const type = labels['orc.dev/type']
  return { name, namespace, reason, labels, type, presentation: present(reason) } as unknown as ServiceView
}
