/** Services that use more than they may, beside quiet ones, on a real controller that judges by samples. */
import { RESOURCES, type KubeEvent, type PodMetrics } from '@orc/schemas'
import { describe, expect, test } from 'vitest'
import { MOCK_AGENT } from './fixtures/mock-agent.ts'
import { condition, current, get, manifest, pidOf, pods, sleeper, start } from './one-orc.ts'

const QUIET = Array.from({ length: 10 }, (_, index) => `quiet${String(index)}`)

export const agent = (name: string, env: Readonly<Record<string, number | string>>, more = ''): string =>
  manifest(
    name,
    MOCK_AGENT,
    `  env: ${JSON.stringify(Object.entries(env).map(([key, value]) => ({ name: key, value: String(value) })))}\n${more}`,
  )

const limits = (text: string): string => `  resources: {limits: ${text}}\n`

/** A service beside ten that must not notice anything. */
async function beside(text: string): Promise<ReadonlyMap<string, number>> {
  const quiet = Object.fromEntries(QUIET.map((name) => [`${name}.yaml`, sleeper(name)]))
  await start({ manifests: { ...quiet, 'loud.yaml': text } })
  for (const name of QUIET) await condition(name, 'Ready', 'Ready')
  return new Map(await Promise.all(QUIET.map(async (name) => [name, await pidOf(name)] as const)))
}

async function expectQuiet(pids: ReadonlyMap<string, number>): Promise<void> {
  for (const [name, pid] of pids) {
    expect(await pidOf(name)).toBe(pid)
    expect((await get(name)).status).toMatchObject({ readyReplicas: 1, restartCount: 0 })
  }
}

async function events(reason: string): Promise<readonly KubeEvent[]> {
  const { items } = await current().client.list<KubeEvent>(RESOURCES.events, { namespace: 'default' })
  return items.filter((event) => event.reason === reason)
}

async function shown(name: string, processes: number): Promise<{ cpu?: string; memory?: string }> {
  return current().waitFor(`${name} to be shown with ${String(processes)} processes`, async () => {
    const [pod] = await pods(name)
    return pod?.status.orc.processes === processes ? pod.status.orc : undefined
  })
}

describe('a tree', () => {
  test('is measured as a whole: children, sessions of their own, wiped environments', async () => {
    await start({
      manifests: {
        'a.yaml': agent('tree', { MOCK_FORK: 2, MOCK_SETSID: 2, MOCK_HOG_MB: 40, MOCK_HEIR: 1 }),
        'b.yaml': sleeper('leaf'),
      },
    })
    const tree = await shown('tree', 6)
    expect(tree.memory).toMatch(/^\d+(\.\d)?Mi$/)
    expect(Number.parseFloat(tree.memory ?? '')).toBeGreaterThan(40)
    await shown('leaf', 1)
    const { items } = await current().client.list<PodMetrics>(RESOURCES.podmetrics, { namespace: 'default' })
    const usage = items.find(({ metadata }) => metadata.name === 'tree-0')?.containers[0].usage
    expect(Number.parseInt(usage?.memory ?? '', 10)).toBeGreaterThan(40 * 1024)
  })
})

describe('by samples', () => {
  test('memory over its limit replaces the process, whoever of the tree holds it', { timeout: 60_000 }, async () => {
    const more = `${limits('{memory: 48Mi}')}  terminationGracePeriodSeconds: 1\n`
    const pids = await beside(agent('loud', { MOCK_HOG_MB: 80, MOCK_HEIR: 1 }, more))
    const before = await pidOf('loud')
    await current().waitFor(
      'the hog to be replaced',
      async () => {
        const [pod] = await pods('loud')
        const last = pod?.status.containerStatuses[0].lastState.terminated
        return last?.reason === 'MemoryLimitExceeded' && (pod?.status.orc.pid ?? before) !== before ? true : undefined
      },
      30_000,
    )
    expect((await get('loud')).status?.restartCount).toBe(1)
    const told = (await events('MemoryLimitExceeded')).map(({ message }) => message)
    expect(told).toContainEqual(expect.stringContaining('more memory than the limit of 48Mi'))
    await expectQuiet(pids)
  })

  test('CPU time over its limit is told, and nothing is ended', { timeout: 60_000 }, async () => {
    const pids = await beside(agent('loud', { MOCK_BURN: 1 }, limits('{cpu: 100m}')))
    const before = await pidOf('loud')
    await current().waitFor(
      'the burner to be told of',
      async () => ((await events('CPULimitExceeded')).length > 0 ? true : undefined),
      30_000,
    )
    expect(await pidOf('loud')).toBe(before)
    expect((await get('loud')).status).toMatchObject({ readyReplicas: 1, restartCount: 0 })
    await expectQuiet(pids)
  })
})
