import type { ContainerState, Pod, Terminated } from '@orc/schemas'
import { expect, test } from 'vitest'
import { marksOf } from './marks.ts'

const ended: Terminated = {
  exitCode: 3,
  reason: 'Exited',
  startedAt: '2026-03-01T12:00:00.000Z',
  finishedAt: '2026-03-01T12:01:24.500Z',
  containerID: 'orc://1',
}

function podOf(state: ContainerState, lastState: ContainerState = {}): Pod {
  const status = { state, lastState, containerID: 'orc://2' }
  return {
    metadata: { name: 'a-0' },
    spec: { containers: [{ ports: [{ name: 'http', containerPort: 21_000 }] }] },
    status: { orc: { pid: 77 }, containerStatuses: [status] },
  } as unknown as Pod
}

test('a pod tells when its process started, and how the one before ended', () => {
  const running = { startedAt: '2026-03-01T12:01:25.000Z' }
  const [end, start] = marksOf(podOf({ running }, { terminated: ended }))
  expect(end?.mark).toMatchObject({ title: 'a-0 ended', tone: 'bad', icon: 'octagon-x' })
  expect(end?.mark.facts.replaceAll('\u00a0', ' ')).toBe('exit code 3 · after 1 min 24 s')
  expect(start?.mark).toMatchObject({ title: 'a-0 started', facts: 'pid 77 · port 21000', tone: 'busy' })
  expect(end!.atMs).toBeLessThan(start!.atMs)
})

test('the same end is told the same way, as the present state and as the last', () => {
  const [now] = marksOf(podOf({ terminated: ended }))
  const [then] = marksOf(podOf({}, { terminated: ended }))
  expect(now).toEqual(then)
})

test.each([
  [{ exitCode: 137, signal: 9, reason: 'OOMKilled' }, 'bad', 'memory-stick', /^OOMKilled · exit code 137 · signal 9/],
  [{ exitCode: 143, signal: 15, reason: 'SpecChanged' }, 'off', 'circle-stop', /^SpecChanged/],
  [{ exitCode: 0, reason: 'Exited' }, 'off', 'circle-stop', /^exit code 0/],
  [{ exitCode: -1, reason: 'ExitCodeUnknown' }, 'off', 'circle-stop', /^nobody saw how/],
] as const)('%o is %s', (how, tone, icon, facts) => {
  const [mark] = marksOf(podOf({ terminated: { ...ended, ...how } }))
  expect(mark?.mark).toMatchObject({ tone, icon })
  expect(mark?.mark.facts).toMatch(facts)
})
