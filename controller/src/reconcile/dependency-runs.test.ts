import { expect, test } from 'vitest'
import { FakeClock } from '../clock-fake.ts'
import type { AcceptedService } from '../plan/world.ts'
import { FakeRuntime } from '../runtime/fake/fake-runtime.ts'
import type { ObservedSlot, RunRef } from '../runtime/runtime.ts'
import { specOf } from '../../test/plan-host.ts'
import { withDependencyRuns } from './dependency-runs.ts'

const WEB = { namespace: 'default', name: 'web' }

const setUp = () => {
  const clock = new FakeClock()
  const runtime = new FakeRuntime(clock)
  const start = async (name: string, ordinal = 0): Promise<RunRef> => {
    clock.advance(10)
    const result = await runtime.start({
      ...{ slot: { namespace: 'default', name, uid: 'u', ordinal }, incarnation: 1, restartCount: 0, failures: 0 },
      ...{ revision: 'r', restartedAt: '', command: ['a'], workingDir: '/', env: {}, ports: [] },
      ...{ stopSignal: 'SIGTERM', graceMs: 0 },
    })
    if (!result.ok) throw new Error(result.message)
    runtime.claim(result.ref)
    return result.ref
  }
  const accepted = (policy: 'None' | 'Restart'): AcceptedService => ({
    ...{ uid: 'u', revision: 'r', restartedAt: '' },
    spec: specOf({ dependsOn: [{ name: 'db' }], restartPolicyOnDependency: policy }),
  })
  const look = (policy: 'None' | 'Restart' = 'Restart', seen: Pick<FakeRuntime, 'observe'> = runtime) =>
    withDependencyRuns(accepted(policy), WEB, runtime.observe(WEB), seen).notBeforeMs
  return { clock, runtime, start, look }
}

test('each later run of a dependency counts, also one that has ended', async () => {
  const { clock, runtime, start, look } = setUp()
  const first = await start('db')
  await start('web')
  expect(look()).toBeLessThan(clock.nowMs())
  runtime.exit(first, 1)
  const second = await start('db')
  expect(look()).toBe(clock.nowMs())
  expect(look('None')).toBeUndefined()
  runtime.exit(second, 0)
  expect(look()).toBe(clock.nowMs())
})

test('a further replica does not', async () => {
  const { runtime, start, look } = setUp()
  await start('db')
  await start('web')
  const before = look()
  const further = await start('db', 1)
  expect(look()).toBe(before)
  runtime.exit(further, 1)
  await start('db', 1)
  expect(look()).toBeGreaterThan(before ?? Infinity)
})

test('the clock of an earlier boot says nothing', async () => {
  const { runtime, start, look } = setUp()
  runtime.exit(await start('db'), 0)
  await start('web')
  const earlier = runtime.observe({ namespace: 'default', name: 'db' }).map(({ ref, runs }): ObservedSlot => ({
    ref,
    runs: runs.map((run) => ({ ...run, record: { ...run.record, bootId: 'b', orderedAtMs: 1e9 } })),
  }))
  expect(look('Restart', { observe: () => earlier })).toBeUndefined()
})
