/** Services that use more than they may, beside quiet ones, on a real controller: held by the kernel, and by samples. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { RESOURCES, type KubeEvent, type Pod, type PodMetrics } from '@orc/schemas'
import { describe, expect, test } from 'vitest'
import { membersOf } from '../src/runtime/local/limits/cgroup.ts'
import { MOCK_AGENT } from './fixtures/mock-agent.ts'
import { KERNEL_CAN } from './kernel-can.ts'
import { condition, current, get, manifest, patch, pidOf, pods, sleeper, start } from './one-orc.ts'

const QUIET = Array.from({ length: 10 }, (_, index) => `quiet${String(index)}`)
const SAMPLED = ['--enforcement', 'Sampled']

function agent(name: string, env: Readonly<Record<string, number>>, more = ''): string {
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value: String(value) }))
  return manifest(name, MOCK_AGENT, `  env: ${JSON.stringify(variables)}\n  terminationGracePeriodSeconds: 1\n${more}`)
}

const limits = (text: string): string => `  resources: {limits: ${text}}\n`

/** Services beside ten that must not notice anything. */
async function beside(
  loud: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<ReadonlyMap<string, number>> {
  const quiet = QUIET.map((name) => [`${name}.yaml`, sleeper(name)])
  await start({ manifests: { ...Object.fromEntries(quiet), ...loud }, args })
  for (const name of QUIET) await condition(name, 'Ready', 'Ready')
  return new Map(await Promise.all(QUIET.map(async (name) => [name, await pidOf(name)] as const)))
}

async function expectQuiet(pids: ReadonlyMap<string, number>): Promise<void> {
  for (const [name, pid] of pids) {
    expect(await pidOf(name)).toBe(pid)
    expect((await get(name)).status).toMatchObject({ readyReplicas: 1, restartCount: 0 })
  }
  const { items } = await current().client.list<KubeEvent>(RESOURCES.events, { namespace: 'default' })
  const warned = items.filter(({ type }) => type === 'Warning').map(({ involvedObject }) => involvedObject.name)
  expect(warned.filter((name) => name.startsWith('quiet'))).toEqual([])
}

async function messages(reason: string): Promise<readonly string[]> {
  const { items } = await current().client.list<KubeEvent>(RESOURCES.events, { namespace: 'default' })
  return items.filter((event) => event.reason === reason).map(({ message }) => message)
}

function pod(
  name: string,
  what: string,
  is: (status: Pod['status']) => boolean,
  timeoutMs = 30_000,
): Promise<Pod['status']> {
  return current().waitFor(
    `${name} to be ${what}`,
    async () => {
      const [found] = await pods(name)
      return found !== undefined && is(found.status) ? found.status : undefined
    },
    timeoutMs,
  )
}

const endedBy =
  (reason: string) =>
  ({ containerStatuses: [{ lastState }] }: Pod['status']): boolean =>
    lastState.terminated?.reason === reason

const ofSize =
  (processes: number) =>
  ({ orc }: Pod['status']): boolean =>
    orc.processes === processes

/** The cgroup with memory, or v2, of a process. */
function cgroupOf(pid: number): string {
  const own = readFileSync(`/proc/${String(pid)}/cgroup`, 'utf8').split('\n')
  const found = own.map((line) => /^\d+:(memory)?:(.*\/orc-.*)$/.exec(line)).find((match) => match !== null)
  return path.join('/sys/fs/cgroup', found?.[1] ?? '', found?.[2] ?? '')
}

describe('a tree', () => {
  test.each([
    ['by the kernel', []],
    ['by /proc', SAMPLED],
  ])('is measured as a whole, %s', async (_, args) => {
    const tree = agent('tree', { MOCK_FORK: 2, MOCK_SETSID: 2, MOCK_WIPE: 1, MOCK_HOG_MB: 40, MOCK_HEIR: 1 })
    await start({ manifests: { 'a.yaml': tree, 'b.yaml': sleeper('leaf') }, args })
    const { orc } = await pod('tree', 'six processes', ofSize(6))
    expect(orc.memory).toMatch(/^\d+(\.\d)?Mi$/)
    expect(Number.parseFloat(orc.memory ?? '')).toBeGreaterThan(40)
    await pod('leaf', 'one process', ofSize(1))
    const { items } = await current().client.list<PodMetrics>(RESOURCES.podmetrics, { namespace: 'default' })
    const usage = items.find(({ metadata }) => metadata.name === 'tree-0')?.containers[0].usage
    expect(Number.parseInt(usage?.memory ?? '', 10)).toBeGreaterThan(40 * 1024)
  })
})

describe('by samples', () => {
  test('memory over its limit replaces the process, whoever of the tree holds it', { timeout: 60_000 }, async () => {
    const pids = await beside(
      {
        'hog.yaml': agent('hog', { MOCK_HOG_MB: 80, MOCK_HEIR: 1 }, limits('{memory: 48Mi, pids: 50}')),
        'leaker.yaml': agent('leaker', { MOCK_LEAK_MB: 30 }, limits('{memory: 64Mi}')),
      },
      SAMPLED,
    )
    await condition('hog', 'Ready', 'Ready')
    expect((await get('hog')).status?.enforcement).toEqual({ memory: 'Sampled', cpu: 'None', pids: 'None' })
    await pod('hog', 'ended for its memory', endedBy('MemoryLimitExceeded'))
    await pod('leaker', 'ended for its memory', endedBy('MemoryLimitExceeded'))
    await current().waitFor(
      'the leaker to be started again',
      async () => ((await get('leaker')).status?.restartCount ?? 0) > 0 || undefined,
    )
    expect(await messages('MemoryLimitExceeded')).toContainEqual(
      expect.stringContaining('more memory than the limit of 48Mi'),
    )
    await expectQuiet(pids)
  })

  test('CPU time over its limit is told, and nothing is ended', { timeout: 60_000 }, async () => {
    const pids = await beside({ 'a.yaml': agent('burner', { MOCK_BURN: 1 }, limits('{cpu: 100m}')) }, SAMPLED)
    const before = await pidOf('burner')
    await current().waitFor(
      'the burner to be told of',
      async () => ((await messages('CPULimitExceeded')).length > 0 ? true : undefined),
      30_000,
    )
    expect(await pidOf('burner')).toBe(before)
    expect((await get('burner')).status).toMatchObject({
      readyReplicas: 1,
      restartCount: 0,
      enforcement: { cpu: 'Sampled', memory: 'None' },
    })
    await expectQuiet(pids)
  })
})

describe.skipIf(!KERNEL_CAN)('by the kernel (where cgroups can be made)', () => {
  test('memory: a hog and a leaker are ended with the reason OOMKilled', { timeout: 60_000 }, async () => {
    const pids = await beside({
      'hog.yaml': agent('hog', { MOCK_HOG_MB: 100 }, limits('{memory: 48Mi}')),
      'leaker.yaml': agent('leaker', { MOCK_LEAK_MB: 40 }, limits('{memory: 64Mi}')),
    })
    await pod('hog', 'ended by the kernel', endedBy('OOMKilled'))
    const { containerStatuses } = await pod('leaker', 'ended by the kernel', endedBy('OOMKilled'))
    expect(containerStatuses[0].lastState.terminated).toMatchObject({ exitCode: 137, signal: 9 })
    await pod('leaker', 'running again', ({ phase }) => phase === 'Running')
    expect(await messages('OOMKilled')).toContain('The kernel ended the process: it reached its memory limit.')
    await expectQuiet(pids)
  })

  test('memory: a descendant that is ended is told when the run is over', async () => {
    const heir = agent('heir', { MOCK_HOG_MB: 100, MOCK_HEIR: 1, MOCK_FORK: 1 }, limits('{memory: 48Mi}'))
    await start({ manifests: { 'a.yaml': heir } })
    await pod('heir', 'two processes', ofSize(2))
    await current().client.delete(RESOURCES.pods, 'heir-0', 'default')
    await current().waitFor('the descendant to be told of', async () =>
      (await messages('OOMKilled')).some((message) => message.includes('had started')) ? true : undefined,
    )
    expect(await messages('PodDeleted')).not.toEqual([])
  })

  test('CPU time: a burner gets what it may and no more', { timeout: 60_000 }, async () => {
    const pids = await beside({ 'a.yaml': agent('burner', { MOCK_BURN: 2 }, limits('{cpu: 200m}')) })
    await pod('burner', 'three processes', ofSize(3))
    const cgroup = cgroupOf(await pidOf('burner'))
    const usedTicks = (): number =>
      [...membersOf([cgroup])].reduce((sum, pid) => {
        const fields =
          readFileSync(`/proc/${String(pid)}/stat`, 'latin1')
            .split(') ')[1]
            ?.split(' ') ?? []
        return sum + Number(fields[11]) + Number(fields[12])
      }, 0)
    const [before, sinceMs] = [usedTicks(), performance.now()]
    const cores = await current().waitFor('two seconds to pass', () => {
      const elapsedMs = performance.now() - sinceMs
      return elapsedMs > 2000 ? ((usedTicks() - before) * 10) / elapsedMs : undefined
    })
    expect(cores).toBeLessThan(0.3)
    expect((await get('burner')).status).toMatchObject({
      restartCount: 0,
      enforcement: { cpu: 'Kernel', memory: 'None', pids: 'None' },
    })
    await expectQuiet(pids)
  })

  test('processes: a fork bomb stays within its number and is gone when asked to end', async () => {
    const bomb = 'import os,time\nwhile True:\n  try: os.fork()\n  except OSError: time.sleep(0.1)\n'
    const more = `${limits('{pids: 20}')}  terminationGracePeriodSeconds: 1\n`
    await start({ manifests: { 'a.yaml': manifest('bomb', ['python3', '-c', bomb], more) } })
    await pod('bomb', 'twenty processes', ofSize(20))
    expect((await get('bomb')).status?.enforcement).toMatchObject({ pids: 'Kernel' })
    const cgroup = cgroupOf(await pidOf('bomb'))
    await current().client.delete(RESOURCES.pods, 'bomb-0', 'default')
    await current().waitFor('the bomb to be gone', () => !existsSync(cgroup) || undefined, 3000)
  })

  test('limits that change in the manifest change at once, in the same process', async () => {
    await start({ manifests: { 'a.yaml': sleeper('web', limits('{memory: 64Mi}')) } })
    const pid = await pidOf('web')
    const inForce = (): number => {
      const file = ['memory.limit_in_bytes', 'memory.max']
        .map((name) => path.join(cgroupOf(pid), name))
        .find(existsSync)
      return Number(readFileSync(file ?? '', 'utf8'))
    }
    expect(inForce()).toBe(64 * 2 ** 20)
    await patch('web', { spec: { resources: { limits: { memory: '256Mi', pids: 30 } } } })
    await current().waitFor('the new limit', () => inForce() === 256 * 2 ** 20 || undefined)
    await current().waitFor(
      'the status to say so',
      async () => (await get('web')).status?.enforcement?.pids === 'Kernel' || undefined,
    )
    expect(await pidOf('web')).toBe(pid)
  })

  test('what hides from every other sign is ended with its run', async () => {
    const daemon = '(setsid env -i sleep 4321 </dev/null >/dev/null 2>&1 &); exec sleep 300'
    const more = '  terminationGracePeriodSeconds: 1\n'
    await start({ manifests: { 'a.yaml': manifest('zoo', ['sh', '-c', daemon], more) } })
    await pod('zoo', 'two processes', ofSize(2))
    const cgroup = cgroupOf(await pidOf('zoo'))
    const members = [...membersOf([cgroup])]
    expect(members).toHaveLength(2)
    await current().client.delete(RESOURCES.pods, 'zoo-0', 'default')
    await current().waitFor(
      'all of it to be gone',
      () => members.every((pid) => !existsSync(`/proc/${String(pid)}`)) || undefined,
      2000,
    )
  })

  test('a controller that comes back goes on with what it finds, and leaves nothing behind', async () => {
    const orc = await start({
      manifests: { 'a.yaml': sleeper('stays', limits('{memory: 64Mi}')), 'b.yaml': sleeper('goes') },
    })
    const [stays, goes] = [await pidOf('stays'), await pidOf('goes')]
    const [kept, left] = [cgroupOf(stays), cgroupOf(goes)]
    await orc.kill()
    process.kill(goes, 'SIGKILL')
    await orc.restart()
    await current().waitFor('the cgroup of the ended run to be gone', () => !existsSync(left) || undefined)
    expect(await pidOf('stays')).toBe(stays)
    expect([...membersOf([kept])]).toEqual([stays])
    expect((await get('stays')).status?.enforcement).toMatchObject({ memory: 'Kernel' })
    await current().waitFor(
      'a new cgroup',
      () =>
        readdirSync(path.dirname(kept), { withFileTypes: true }).filter((entry) => entry.isDirectory()).length === 2 ||
        undefined,
    )
  })
})
