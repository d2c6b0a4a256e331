/** When everything stands still, or the clock is set, nobody is blamed: no false kill, no burst of starts. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { RESOURCES, type AgentService, type Pod } from '@orc/schemas'
import { afterEach, expect, test } from 'vitest'
import { MOCK_AGENT } from './fixtures/mock-agent.ts'
import { startOrc, type Orc } from './harness.ts'

/** Longer than every deadline and threshold below; minutes in the long run. */
const STANDSTILL_MS = process.env['ORC_TEST_LONG'] === undefined ? 5000 : 180_000
const SERVICES = 6

let orc: Orc | undefined

afterEach(async () => {
  await orc?.stop()
})

/** Fails its liveness after two seconds without an answer. */
const agent = (name: string): string =>
  JSON.stringify({
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'AgentService',
    metadata: { name },
    spec: {
      command: MOCK_AGENT,
      env: [{ name: 'MOCK_READY_AFTER_MS', value: '1' }],
      ports: [{ name: 'http', port: 0 }],
      readinessProbe: { httpGet: { path: '/health', port: 'http' }, periodSeconds: 1 },
      livenessProbe: {
        httpGet: { path: '/health', port: 'http' },
        periodSeconds: 1,
        timeoutSeconds: 1,
        failureThreshold: 2,
      },
    },
  })
/** In a crash loop all the time. */
const crasher = JSON.stringify({
  apiVersion: 'orc.dev/v1alpha1',
  kind: 'AgentService',
  metadata: { name: 'crasher' },
  spec: { command: ['false'], backoff: { maxSeconds: 4 } },
})

async function start(env: Readonly<Record<string, string>> = {}): Promise<Orc> {
  const names = Array.from({ length: SERVICES }, (_, index) => `a${String(index)}`)
  const manifests = Object.fromEntries(names.map((name) => [`${name}.yaml`, agent(name)]))
  orc = await startOrc({ manifests: { ...manifests, 'crasher.yaml': crasher }, env })
  await orc.waitFor('everybody to be ready', async () => ((await ready()) === SERVICES ? true : undefined))
  return orc
}

function current(): Orc {
  if (orc === undefined) throw new Error('no controller is running')
  return orc
}

async function ready(): Promise<number> {
  const { items } = await current().client.list<AgentService>(RESOURCES.agentservices)
  return items.filter(({ status }) => status?.readyReplicas === 1).length
}

/** Pid and restart count by pod; the crasher apart. */
async function lives(): Promise<Record<string, string>> {
  const { items } = await current().client.list<Pod>(RESOURCES.pods)
  const steady = items.filter(({ metadata }) => !metadata.name.startsWith('crasher'))
  return Object.fromEntries(
    steady.map(({ metadata, status }) => [
      metadata.name,
      `${String(status.orc.pid)} ${String(status.containerStatuses[0].restartCount)}`,
    ]),
  )
}

async function crashes(): Promise<number> {
  const pod = await current().client.get<Pod>(RESOURCES.pods, 'crasher-0', 'default')
  return pod.status.containerStatuses[0].restartCount
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test(
  'a suspend of controller and services kills nobody and is followed by no burst',
  async () => {
    const { pid } = await start()
    const before = await lives()
    const crashesBefore = await crashes()
    const pids = Object.values(before).map((life) => Number(life.split(' ')[0]))
    for (const one of [pid, ...pids]) process.kill(one, 'SIGSTOP')
    await pause(STANDSTILL_MS)
    // As after a resume: who goes on first is chance.
    for (const one of [...pids.slice(3), pid, ...pids.slice(0, 3)]) process.kill(one, 'SIGCONT')
    await pause(4000)
    expect(await lives()).toEqual(before)
    expect(await ready()).toBe(SERVICES)
    // One that was due, and what falls due within 4 s.
    expect((await crashes()) - crashesBefore).toBeLessThanOrEqual(3)
  },
  STANDSTILL_MS + 60_000,
)

test('a controller that alone stood still blames nobody either', async () => {
  const { pid } = await start()
  const before = await lives()
  process.kill(pid, 'SIGSTOP')
  await pause(5000)
  process.kill(pid, 'SIGCONT')
  await pause(3000)
  expect(await lives()).toEqual(before)
})

test.each([8 * 3_600_000, -8 * 3_600_000])('a clock that jumps by %i ms moves nothing', async (jumpMs) => {
  const { dir } = await start({
    NODE_OPTIONS: `--import ${path.join(import.meta.dirname, 'fixtures/jumping-clock.mjs')}`,
    ORC_TEST_CLOCK: path.join('/proc/self/cwd', 'clock'),
  })
  const before = await lives()
  const crashesBefore = await crashes()
  await writeFile(path.join(dir, 'clock'), String(jumpMs))
  await pause(5000)
  // It did jump, for the controller.
  const pod = await current().client.get<Pod>(RESOURCES.pods, 'crasher-0', 'default')
  const seenMs = Date.parse(pod.status.containerStatuses[0].lastState.terminated?.finishedAt ?? '')
  expect(Math.abs(seenMs - Date.now() - jumpMs)).toBeLessThan(60_000)
  expect(await lives()).toEqual(before)
  expect(await ready()).toBe(SERVICES)
  expect((await crashes()) - crashesBefore).toBeLessThanOrEqual(4)
})
