/** Services that want more of the host than there is: who runs, who waits, and who keeps its place. */
import { unlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { findCondition, parseQuantity, type ControllerInfo } from '@orc/schemas'
import { expect, test } from 'vitest'
import { absent, condition, current, get, gone, patch, pidOf, pods, sleeper, start } from './one-orc.ts'

/** As much of the host's memory is for services, whatever host it is. */
const GI = 2 ** 30

async function capacity(): Promise<NonNullable<ControllerInfo['capacity']>> {
  const info = await current().client.raw<ControllerInfo>({ method: 'GET', path: '/orc' })
  if (info.capacity === undefined) throw new Error('no capacity is told')
  return info.capacity
}

/** A host with one GiB of memory for services: all the rest is kept back. */
async function startSmall(manifests: Readonly<Record<string, string>>): Promise<void> {
  await start({})
  const { allocatable, kept } = await capacity()
  const whole = (parseQuantity(allocatable.memory) ?? 0) + (parseQuantity(kept.memory) ?? 0)
  await current().stop()
  await start({ manifests, args: ['--reserve-memory', String(whole - GI)] })
  expect((await capacity()).allocatable.memory).toBe(String(GI))
}

const asks = (memory: string, more = ''): string =>
  `  resources: {requests: {memory: ${memory}}}\n  terminationGracePeriodSeconds: 1\n${more}`

const SERVICES = {
  // The names are in the other order than the priorities.
  'a.yaml': sleeper('a', asks('600Mi')),
  'b.yaml': sleeper('b', asks('400Mi', '  priority: 5\n')),
  'c.yaml': sleeper('c', asks('600Mi', '  priority: 10\n')),
}

const messageOf = async (name: string, type: 'Ready' | 'Progressing' = 'Ready'): Promise<string> =>
  findCondition((await get(name)).status?.conditions, type)?.message ?? ''

test('the higher priority is admitted, nobody gives its place away, and who waits starts when there is room', async () => {
  await startSmall(SERVICES)
  const orc = current()
  await condition('c', 'Ready', 'Ready')
  await condition('b', 'Ready', 'Ready')
  await condition('a', 'Stalled', 'InsufficientHostCapacity')
  expect(await messageOf('a')).toMatch(/^Needs 600Mi memory; 24Mi is free of 1Gi \(orc keeps [\d.]+[A-Z]i\)\.$/)
  expect(await capacity()).toMatchObject({ reserved: { memory: String(1000 * 2 ** 20) }, waiting: 1 })
  const before = [await pidOf('b'), await pidOf('c')]

  // A crash, one after the other, and one while the controller is away.
  for (const pid of before) process.kill(pid, 'SIGKILL')
  await orc.waitFor('both to come again', async () =>
    (await pidOf('b')) !== before[0] && (await pidOf('c')) !== before[1] ? true : undefined,
  )
  const [b, c] = [await pidOf('b'), await pidOf('c')]
  await orc.kill()
  process.kill(b, 'SIGKILL')
  await gone(b)
  await orc.restart()
  await orc.waitFor('b to come again', async () => ((await pidOf('b')) !== b ? true : undefined))
  await condition('a', 'Stalled', 'InsufficientHostCapacity')
  expect(await pidOf('c')).toBe(c)
  expect((await pods('a'))[0]?.status.orc.pid).toBeUndefined()

  const releasedAtMs = performance.now()
  await patch('c', { spec: { operatingMode: 'Stopped' } })
  await pidOf('a')
  expect(performance.now() - releasedAtMs).toBeLessThan(1500)
  await condition('a', 'Ready', 'Ready')
  // Its place is taken now, and whoever has one is not made to leave.
  await patch('c', { spec: { operatingMode: 'Running' } })
  await condition('c', 'Stalled', 'InsufficientHostCapacity')
  await condition('a', 'Ready', 'Ready')
  await unlink(path.join(orc.manifestsDir, 'a.yaml'))
  await condition('c', 'Ready', 'Ready')
})

test('the first that waits is passed by nobody of its priority, and one that can never fit stands in nobody’s way', async () => {
  await startSmall({ 'a.yaml': sleeper('a', asks('900Mi')) })
  const { manifestsDir } = current()
  await condition('a', 'Ready', 'Ready')
  await writeFile(path.join(manifestsDir, 'giant.yaml'), sleeper('giant', asks('2Gi')))
  await condition('giant', 'Stalled', 'InsufficientHostCapacity')
  expect(await messageOf('giant')).toContain('Can never fit. Needs 2Gi memory; services may have 1Gi')
  await writeFile(path.join(manifestsDir, 'big.yaml'), sleeper('big', asks('500Mi')))
  await condition('big', 'Stalled', 'InsufficientHostCapacity')
  await writeFile(path.join(manifestsDir, 'little.yaml'), sleeper('little', asks('64Mi')))
  await condition('little', 'Stalled', 'InsufficientHostCapacity')
  expect(await messageOf('little')).toContain('124Mi is free of 1Gi')
  expect(await messageOf('little')).toContain('Waits for its turn after default/big.')
  await writeFile(path.join(manifestsDir, 'urgent.yaml'), sleeper('urgent', asks('64Mi', '  priority: 1\n')))
  await condition('urgent', 'Ready', 'Ready')
  // Who asks for nothing is not held up.
  await writeFile(path.join(manifestsDir, 'free.yaml'), sleeper('free'))
  await condition('free', 'Ready', 'Ready')
  await patch('big', { spec: { resources: { requests: { memory: '32Mi' } } } })
  await condition('big', 'Ready', 'Ready')
  await condition('little', 'Stalled', 'InsufficientHostCapacity')
  await unlink(path.join(manifestsDir, 'urgent.yaml'))
  await condition('little', 'Ready', 'Ready')
  expect(await get('urgent').catch(absent)).toBeUndefined()
})

test('a rollout to a larger request waits for room and leaves what runs alone', async () => {
  await startSmall({ 'a.yaml': sleeper('a', asks('500Mi')), 'b.yaml': sleeper('b', asks('400Mi')) })
  await condition('a', 'Ready', 'Ready')
  await condition('b', 'Ready', 'Ready')
  const pid = await pidOf('a')
  await patch('a', { spec: { env: [{ name: 'X', value: '1' }], resources: { requests: { memory: '800Mi' } } } })
  await condition('a', 'Progressing', 'InsufficientHostCapacity')
  expect(await messageOf('a', 'Progressing')).toContain('Needs 300Mi memory; 124Mi is free of 1Gi')
  expect(await messageOf('a')).toBe('Ready.')
  expect(await pidOf('a')).toBe(pid)
  await patch('b', { spec: { operatingMode: 'Stopped' } })
  await current().waitFor('a to be replaced', async () => ((await pidOf('a')) === pid ? undefined : true))
  await condition('a', 'Ready', 'Ready')
  expect((await capacity()).reserved.memory).toBe(String(800 * 2 ** 20))
})

test('the replica that stands in for others needs room of its own', async () => {
  const surge = '  updateStrategy: {maxUnavailable: 0, maxSurge: 1}\n'
  await startSmall({ 'a.yaml': sleeper('a', asks('500Mi', surge)), 'b.yaml': sleeper('b', asks('400Mi')) })
  await condition('a', 'Ready', 'Ready')
  await condition('b', 'Ready', 'Ready')
  const pid = await pidOf('a')
  await patch('a', { spec: { env: [{ name: 'X', value: '1' }] } })
  await condition('a', 'Progressing', 'InsufficientHostCapacity')
  expect(await messageOf('a', 'Progressing')).toContain('Needs 500Mi memory; 124Mi is free of 1Gi')
  expect(await pidOf('a')).toBe(pid)
  await unlink(path.join(current().manifestsDir, 'b.yaml'))
  await current().waitFor('a to be replaced', async () => ((await pidOf('a')) === pid ? undefined : true))
  // Its room is given back when it is no longer needed.
  await current().waitFor('the reserve of one replica', async () =>
    (await capacity()).reserved.memory === String(500 * 2 ** 20) ? true : undefined,
  )
})
