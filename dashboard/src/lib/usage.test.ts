import type { PodMetrics } from '@orc/schemas'
import { expect, test } from 'vitest'
import { addRound, SAMPLES, seriesOf, type Round } from './usage.ts'

const pods = ['Pod/default/a-0', 'Pod/default/a-1']

test('a service is the sum of its pods, in cores and bytes', () => {
  const rounds = addRound([], [metrics('a-0', '250m', '64Mi'), metrics('a-1', '1', '1Mi'), metrics('b-0', '9', '9Gi')])
  expect(seriesOf(rounds, pods)).toEqual({ cpu: [1.25], memory: [65 * 2 ** 20] })
})

test('nanocores are understood', () => {
  expect(seriesOf(addRound([], [metrics('a-0', '1500000n', '1Ki')]), pods)).toEqual({ cpu: [0.0015], memory: [1024] })
})

test('what was not measured is a gap, not zero', () => {
  const rounds = [
    [metrics('a-0', '1', '1Mi', '2026-01-01T00:00:00Z')],
    [metrics('b-0', '1', '1Mi', '2026-01-01T00:00:10Z')],
    [metrics('a-0', 'much', '1Mi', '2026-01-01T00:00:20Z')],
    [metrics('a-0', '2', '2Mi', '2026-01-01T00:00:30Z')],
  ].reduce<Round[]>(addRound, [])
  expect(seriesOf(rounds, pods).cpu).toEqual([1, undefined, undefined, 2])
})

test('an answer without a new measurement takes the place of the last one', () => {
  const rounds = [[metrics('a-0', '1', '1Mi')], [metrics('a-0', '1', '1Mi'), metrics('a-1', '1', '1Mi')]].reduce<
    Round[]
  >(addRound, [])
  expect(seriesOf(rounds, pods).cpu).toEqual([2])
})

test('only the last rounds are kept', () => {
  const times = Array.from({ length: SAMPLES + 5 }, (_, second) => new Date(second * 1000).toISOString())
  const rounds = times.map((time, index) => [metrics('a-0', String(index), '1Mi', time)]).reduce<Round[]>(addRound, [])
  const { cpu } = seriesOf(rounds, pods)
  expect(cpu).toHaveLength(SAMPLES)
  expect(cpu.at(-1)).toBe(SAMPLES + 4)
})

function metrics(name: string, cpu: string, memory: string, timestamp = '2026-01-01T00:00:00Z'): PodMetrics {
  return {
    apiVersion: 'metrics.k8s.io/v1beta1',
    kind: 'PodMetrics',
    metadata: { name, namespace: 'default' },
    timestamp,
    window: '10s',
    containers: [{ name: 'a', usage: { cpu, memory } }],
  }
}
