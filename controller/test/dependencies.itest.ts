/** Services that depend on others: they start in order, stop in reverse, and are left alone when a dependency falls. */
import { existsSync, readFileSync } from 'node:fs'
import { unlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { findCondition } from '@orc/schemas'
import { ApiError } from '@orc/sdk/client'
import { expect, test } from 'vitest'
import { condition, current, get, gone, manifest, patch, pidOf, pods, start } from './one-orc.ts'

/** Says when it starts and when it is told to end; takes a moment for both. */
const AGENT = `echo "$ORC_SERVICE up" >> order; trap 'sleep 0.1; echo "$ORC_SERVICE down" >> order; exit 0' TERM; sleep 0.1; : > $ORC_SERVICE.ready; while :; do sleep 0.02; done`
const ready = (name: string): string =>
  `  readinessProbe: {exec: {command: [test, -e, ${name}.ready]}, periodSeconds: 1}\n  terminationGracePeriodSeconds: 5\n`
const chain = (name: string, on?: string): string =>
  manifest(name, ['sh', '-c', AGENT], `${ready(name)}${on === undefined ? '' : `  dependsOn: [{name: ${on}}]\n`}`)

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f']
/** f needs e needs d ... needs a; the order of the files is the other one. */
const CHAIN = Object.fromEntries(
  NAMES.map((name, index) => [`${String(9 - index)}-${name}.yaml`, chain(name, NAMES[index - 1])]),
)

const order = (): string[] => {
  const file = path.join(current().dir, 'order')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
}

test('a chain of six starts in order, stays when its root is killed, and stops in reverse', async () => {
  const orc = await start({ manifests: CHAIN })
  const waiting = await condition('f', 'Ready', 'DependencyNotReady')
  expect(findCondition(waiting.status?.conditions, 'Ready')?.message).toMatch(
    /^Waits for the service e to be ready: it is \w+\.$/,
  )
  await condition('f', 'Ready', 'Ready')
  expect(order()).toEqual(NAMES.map((name) => `${name} up`))
  const pids = await Promise.all(NAMES.map((name) => pidOf(name)))
  process.kill(pids[0] ?? 0, 'SIGKILL')
  await orc.waitFor('the root to come again', async () => {
    const pid = await pidOf('a')
    return pid !== pids[0] ? true : undefined
  })
  await condition('a', 'Ready', 'Ready')
  expect(await Promise.all(NAMES.slice(1).map((name) => pidOf(name)))).toEqual(pids.slice(1))
  const before = order().length
  process.kill(orc.pid, 'SIGUSR2')
  await orc.waitFor('everything to have ended', () => (order().length - before === 6 ? true : undefined))
  expect(order().slice(before)).toEqual(NAMES.toReversed().map((name) => `${name} down`))
})

test('where it is asked for, and only there, a dependent is replaced once after its dependency began anew', async () => {
  const restart = '  restartPolicyOnDependency: Restart\n'
  const orc = await start({
    manifests: {
      ...CHAIN,
      '7-c.yaml': `${chain('c', 'b')}${restart}`,
      'x.yaml': `${chain('x', 'a')}${restart}`,
    },
  })
  await condition('f', 'Ready', 'Ready')
  await condition('x', 'Ready', 'Ready')
  const names = [...NAMES, 'x']
  const pids = async (): Promise<number[]> => Promise.all(names.map((name) => pidOf(name)))
  const before = await pids()
  // The controller is away while it happens: what runs tells the next one.
  await orc.kill()
  process.kill(before[0] ?? 0, 'SIGKILL')
  await gone(before[0] ?? 0)
  await orc.restart()
  await orc.waitFor('x to be replaced', async () => ((await pidOf('x')) === before[6] ? undefined : true))
  await condition('x', 'Ready', 'Ready')
  await condition('a', 'Ready', 'Ready')
  const after = await pids()
  expect(after.slice(1, 6)).toEqual(before.slice(1, 6))
  const [pod] = await pods('x')
  expect(pod?.status.containerStatuses[0]?.lastState.terminated?.reason).toBe('DependencyRestarted')
  // b is in the middle of the chain: c follows it, and nobody else.
  process.kill(after[1] ?? 0, 'SIGKILL')
  await orc.waitFor('c to be replaced', async () => ((await pidOf('c')) === after[2] ? undefined : true))
  await condition('c', 'Ready', 'Ready')
  await orc.kill()
  await orc.restart()
  await condition('c', 'Ready', 'Ready')
  const last = await pids()
  expect([0, 3, 4, 5, 6].map((index) => last[index])).toEqual([0, 3, 4, 5, 6].map((index) => after[index]))
  expect(order().filter((line) => line === 'x up')).toHaveLength(2)
  expect(order().filter((line) => line === 'c up')).toHaveLength(2)
})

test('one that ends while its dependency is away waits for it', async () => {
  const { manifestsDir, dir } = await start({ manifests: { 'a.yaml': chain('a'), 'b.yaml': chain('b', 'a') } })
  await condition('b', 'Ready', 'Ready')
  await patch('a', { spec: { operatingMode: 'Stopped' } })
  await condition('a', 'Ready', 'Stopped')
  const pid = await pidOf('b')
  process.kill(pid, 'SIGKILL')
  const waiting = await condition('b', 'Ready', 'DependencyNotReady')
  expect(findCondition(waiting.status?.conditions, 'Ready')?.message).toContain('it is Stopped')
  await unlink(path.join(dir, 'a.ready'))
  await patch('a', { spec: { operatingMode: 'Running' } })
  await condition('b', 'Ready', 'Ready')
  await unlink(path.join(manifestsDir, 'a.yaml'))
  await current().waitFor('a to be gone', async () =>
    (await get('a').catch(() => undefined)) === undefined ? true : undefined,
  )
  expect(findCondition((await get('b')).status?.conditions, 'Ready')?.status).toBe('True')
})

test('Started and Completed are waited for as they say', async () => {
  await start({
    manifests: {
      'job.yaml': manifest('job', ['sh', '-c', 'sleep 0.5; echo done > job.done'], '  restartPolicy: OnFailure\n'),
      'slow.yaml': manifest(
        'slow',
        ['sleep', '300'],
        '  readinessProbe: {exec: {command: ["false"]}, periodSeconds: 1}\n',
      ),
      'after.yaml': manifest(
        'after',
        ['sh', '-c', 'cat job.done > after.saw; sleep 300'],
        '  dependsOn: [{name: job, condition: Completed}, {name: slow, condition: Started}]\n',
      ),
    },
  })
  await condition('after', 'Ready', 'Ready')
  expect(readFileSync(path.join(current().dir, 'after.saw'), 'utf8')).toBe('done\n')
})

test('a cycle is refused by the API with its way, and in a file it stops nothing', async () => {
  const { manifestsDir } = await start({
    manifests: { 'a.yaml': chain('a'), 'b.yaml': chain('b', 'a'), 'c.yaml': chain('c', 'b') },
  })
  await condition('c', 'Ready', 'Ready')
  const refused = await patch('a', { spec: { dependsOn: [{ name: 'c' }] } }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(ApiError)
  expect((refused as ApiError).code).toBe(422)
  expect((refused as ApiError).message).toContain('spec.dependsOn: The service depends on itself: a -> c -> b -> a.')
  const pids = await Promise.all(['a', 'b', 'c'].map((name) => pidOf(name)))
  await writeFile(path.join(manifestsDir, 'a.yaml'), chain('a', 'c'))
  const said = await condition('a', 'Accepted', 'DependencyCycle')
  expect(findCondition(said.status?.conditions, 'Accepted')?.message).toContain('a -> c -> b -> a')
  expect(await Promise.all(['a', 'b', 'c'].map((name) => pidOf(name)))).toEqual(pids)
  // What ran before the cycle runs again after an end.
  process.kill(pids[0] ?? 0, 'SIGKILL')
  await current().waitFor('a to come again', async () => ((await pidOf('a')) !== pids[0] ? true : undefined))
  await writeFile(path.join(manifestsDir, 'a.yaml'), chain('a'))
  await condition('a', 'Accepted', 'Accepted')
  expect(await Promise.all(['b', 'c'].map((name) => pidOf(name)))).toEqual(pids.slice(1))
})
