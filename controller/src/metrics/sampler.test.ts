import { expect, test } from 'vitest'
import { FakeClock } from '../clock-fake.ts'
import { Sampler } from './sampler.ts'

const OWNER = { namespace: 'default', service: 'web' }
const LOG = { info: () => undefined, warn: () => undefined }

test('keeps what it knew while the processes cannot be seen, and says so once', async () => {
  const clock = new FakeClock()
  const errors: string[] = []
  let fails = false
  let asked = 0
  const sampler = new Sampler({
    clock,
    log: { ...LOG, error: (message) => void errors.push(message) },
    processes: () => {
      asked += 1
      return fails
        ? Promise.reject(new Error('EMFILE'))
        : Promise.resolve(new Map([['run', [process.pid, process.ppid]]]))
    },
    onChange: () => undefined,
  })
  const measure = async (count: number): Promise<void> => {
    clock.advance(10_000)
    await expect.poll(() => asked).toBe(count)
    await expect.poll(() => clock.timers).toBe(1)
  }
  sampler.sync(OWNER, [{ pod: 'web-0', pid: process.pid, runId: 'run', limits: {} }])
  await measure(1)
  expect(sampler.latest()).toMatchObject([{ processes: 2 }])
  const [before] = sampler.latest()
  fails = true
  await measure(2)
  await measure(3)
  expect(sampler.latest()).toEqual([before])
  expect(errors).toEqual(['cannot see which processes belong to which service'])
  fails = false
  await measure(4)
  expect(sampler.latest()[0]?.sampledAtMs).toBeGreaterThan(before?.sampledAtMs ?? 0)
  fails = true
  await measure(5)
  expect(errors).toHaveLength(2)
  sampler.close()
})
