import { expect, test } from 'vitest'
import { FakeClock } from '../clock-fake.ts'
import type { ServiceSample } from '../ports/history.ts'
import type { Sample } from '../ports/samples.ts'
import { ServiceSampler, type ServiceState } from './service-sampler.ts'

const WEB: ServiceState = {
  ...{ namespace: 'default', service: 'web', uid: 'u' },
  ...{ wantedReplicas: 2, readyReplicas: 1, liveReplicas: 2, restartCount: 3 },
}

function sampleOf(pod: string, cpu: number): Sample {
  return {
    ...{ namespace: 'default', pod, service: 'web', cpu, memory: 1000, processes: 2 },
    ...{ sampledAtMs: 0, windowMs: 0 },
  }
}

function watch(first: readonly ServiceState[], usage: readonly Sample[] = []) {
  const clock = new FakeClock({ wallMs: Date.UTC(2026, 0, 1, 0, 0, 3) })
  const moments: { atMs: number; samples: readonly ServiceSample[] }[] = []
  const world = { services: first, usage, times: { count: 0, totalMs: 0, longestMs: 0 } }
  const sampler = new ServiceSampler({
    clock,
    services: () => world.services,
    usage: { latest: () => world.usage },
    takeAnswerTimes: () => world.times,
    log: { recordSamples: (atMs, samples) => void moments.push({ atMs, samples }) },
  })
  sampler.start()
  return { clock, moments, world, sampler }
}

test('looks at the full tens of the wall clock, also after it jumped', () => {
  const { clock, moments, sampler } = watch([WEB])
  clock.advance(30_000)
  expect(moments.map(({ atMs }) => (atMs / 1000) % 60)).toEqual([10, 20, 30])
  clock.setWall(Date.UTC(2025, 5, 5, 0, 0, 4))
  clock.advance(20_000)
  expect(moments.slice(3).map(({ atMs }) => (atMs / 1000) % 60)).toContain(20)
  sampler.close()
  clock.advance(60_000)
  expect(moments).toHaveLength(5)
})

test('sums what the replicas of a service use, and leaves out what it does not know', () => {
  const { clock, moments, world } = watch([WEB], [sampleOf('web-0', 0.5), sampleOf('web-1', 0.25)])
  clock.advance(10_000)
  world.usage = []
  clock.advance(10_000)
  world.services = [{ ...WEB, wantedReplicas: 0, readyReplicas: 0, liveReplicas: 0 }]
  clock.advance(10_000)
  expect(moments.map(({ samples }) => samples[0]?.usage)).toEqual([
    { cpuCores: 0.75, memoryBytes: 2000, processes: 4 },
    undefined,
    { cpuCores: 0, memoryBytes: 0, processes: 0 },
  ])
})

test('counts restarts from look to look, each service for itself; what it finds is no restart', () => {
  const { clock, moments, world } = watch([WEB])
  for (const restartCount of [3, 5, 0, 1]) {
    world.services = [{ ...WEB, restartCount }]
    clock.advance(10_000)
  }
  world.services = [{ ...WEB, uid: 'another', restartCount: 7 }]
  clock.advance(10_000)
  expect(moments.map(({ samples }) => samples[0]?.restarts)).toEqual([0, 2, 0, 1, 0])
})

test('more than all replicas are never ready, and no answer of a probe is no time', () => {
  const { clock, moments, world } = watch([{ ...WEB, readyReplicas: 3 }])
  clock.advance(10_000)
  world.times = { count: 2, totalMs: 30, longestMs: 20 }
  clock.advance(10_000)
  expect(moments[0]?.samples[0]).toMatchObject({ readyReplicas: 2, wantedReplicas: 2 })
  expect(moments[0]?.samples[0]).not.toHaveProperty('answers')
  expect(moments[1]?.samples[0]?.answers).toEqual(world.times)
})
