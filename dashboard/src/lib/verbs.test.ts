import { expect, test } from 'vitest'
import { commandOf, NO_INPUTS, wishOf } from './verbs.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')

test('a stop says why and until when, in the time of the manifest', () => {
  const until = '2026-11-22T15:30'
  expect(wishOf('Stop', { ...NO_INPUTS, reason: ' the API is down ', until }, NOW)).toEqual({
    ok: true,
    patch: {
      spec: {
        operatingMode: 'Stopped',
        operatingModeReason: 'the API is down',
        operatingModeUntil: new Date(until).toISOString().replace('.000Z', 'Z'),
      },
    },
  })
})

test('a stop without words removes those of an earlier one', () => {
  expect(wishOf('Stop', NO_INPUTS, NOW)).toEqual({
    ok: true,
    patch: { spec: { operatingMode: 'Stopped', operatingModeReason: null, operatingModeUntil: null } },
  })
})

test.each([
  ['Stop', { until: '2020-01-01T00:00' }, 'until'],
  ['Scale', { replicas: '' }, 'replicas'],
  ['Scale', { replicas: '-1' }, 'replicas'],
  ['Scale', { replicas: '1001' }, 'replicas'],
  ['Label', { labels: '' }, 'labels'],
  ['Label', { labels: 'team' }, 'labels'],
  ['Label', { labels: '=x' }, 'labels'],
] as const)('%s with %j is not written', (verb, inputs, field) => {
  expect(wishOf(verb, { ...NO_INPUTS, ...inputs }, NOW)).toMatchObject({ ok: false, field })
})

test('labels are set and removed', () => {
  expect(wishOf('Label', { ...NO_INPUTS, labels: 'team=a=b  old-' }, NOW)).toEqual({
    ok: true,
    patch: { metadata: { labels: { team: 'a=b', old: null } } },
  })
})

test('the command does the same in a shell, one line for each namespace', () => {
  const names = [
    { namespace: 'default', name: 'web' },
    { namespace: 'prod', name: 'api' },
    { namespace: 'default', name: 'db' },
  ]
  expect(commandOf('Stop', { ...NO_INPUTS, reason: "it's late" }, names)).toBe(
    `orc stop web db --reason 'it'\\''s late'\norc stop api --reason 'it'\\''s late' -n prod`,
  )
  expect(commandOf('Scale', { ...NO_INPUTS, replicas: '3' }, names.slice(0, 1))).toBe('orc scale web --replicas 3')
})
