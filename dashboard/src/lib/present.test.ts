import { REASONS } from '@orc/schemas'
import { describe, expect, test } from 'vitest'
import { bySeverity, present } from './present.ts'

describe('the vocabulary of the design', () => {
  test.each([
    ['Ready', 'Ready', 'circle-check', 'ok'],
    ['Starting', 'Starting', 'loader-circle', 'busy'],
    ['WaitingForReady', 'Starting', 'loader-circle', 'busy'],
    ['RollingOut', 'Updating', 'refresh-cw', 'busy'],
    ['ProbeFailed', 'Not ready', 'circle-alert', 'wait'],
    ['DependencyNotReady', 'Waiting', 'hourglass', 'wait'],
    ['BackOff', 'Backing off', 'timer', 'bad'],
    ['CrashLoopBackOff', 'Crash loop', 'rotate-ccw', 'bad'],
    ['MemoryLimitExceeded', 'Out of memory', 'memory-stick', 'bad'],
    ['OOMKilled', 'Out of memory', 'memory-stick', 'bad'],
    ['InvalidManifest', 'Stalled', 'triangle-alert', 'bad'],
    ['DuplicateName', 'Stalled', 'triangle-alert', 'bad'],
    ['Stopping', 'Stopping', 'circle-dashed', 'busy'],
    ['Stopped', 'Stopped', 'circle-stop', 'off'],
    ['Completed', 'Completed', 'flag', 'ok'],
    ['ExitCodeUnknown', 'Unknown', 'circle-question-mark', 'off'],
    ['Held', 'Held', 'shield-alert', 'wait'],
    ['NotConnected', 'Not connected', 'unplug', 'wait'],
  ])('%s is "%s", %s, %s', (reason, word, icon, role) => {
    expect(present(reason)).toMatchObject({ word, icon, role })
  })
})

test('a state outside the vocabulary is shown by its reason and needs a look', () => {
  expect(present('SomethingNew')).toMatchObject({
    word: 'SomethingNew',
    icon: 'circle-question-mark',
    role: 'off',
    attention: 'NeedsYou',
  })
})

test.each(['constructor', 'toString', '__proto__'])('%s is a word like any other', (reason) => {
  expect(present(reason).word).toBe(reason)
})

test.each(Object.keys(REASONS))('%s has a word, an icon and a phrase', (reason) => {
  const { word, icon, phrase } = present(reason)
  expect([word, icon, ...phrase].every((text) => text.length > 0)).toBe(true)
})

test('what is wrong needs you; what is as declared is ready, completed or off on purpose', () => {
  for (const reason of Object.keys(REASONS)) {
    const { role, attention } = present(reason)
    if (role === 'bad') expect(attention, reason).toBe('NeedsYou')
    if (attention === 'AsDeclared') expect(['ok', 'off'], reason).toContain(role)
  }
})

test('worse comes first, off comes last', () => {
  const order = ['Stopped', 'Ready', 'CrashLoopBackOff', 'DependencyNotReady', 'Starting'].map(present).sort(bySeverity)
  expect(order.map(({ word }) => word)).toEqual(['Crash loop', 'Waiting', 'Starting', 'Ready', 'Stopped'])
})
