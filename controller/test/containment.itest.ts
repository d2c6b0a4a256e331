/** One that takes memory, one that loses it, one that burns CPU and one that forks, all at once beside twenty quiet services: nobody else notices. */
import { writeFile } from 'node:fs/promises'
import { RESOURCES, type KubeEvent, type Pod } from '@orc/schemas'
import { expect, test } from 'vitest'
import { MOCK_AGENT } from './fixtures/mock-agent.ts'
import { KERNEL_CAN } from './kernel-can.ts'
import { condition, current, get, manifest, pidOf, pods, start } from './one-orc.ts'

const isLong = process.env['ORC_TEST_LONG'] !== undefined
const QUIET = Array.from({ length: 20 }, (_, index) => `quiet${String(index)}`)
/** How long all of it must go well once every limit has been reached. */
const GOES_ON_MS = isLong ? 60_000 : 1000

function agent(name: string, env: Readonly<Record<string, number>>, more: string): string {
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value: String(value) }))
  return manifest(name, MOCK_AGENT, `  env: ${JSON.stringify(variables)}\n  terminationGracePeriodSeconds: 1\n${more}`)
}

const PROBED =
  '  ports: [{name: http, port: 0}]\n  readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 2}\n'
const limits = (text: string): string => `  resources: {limits: ${text}}\n`

/** Stops at a number that harms no host where nothing holds it, and outlives a refusal. */
const FORKER =
  'import os,time\nfor _ in range(150):\n  try:\n    if os.fork() == 0: time.sleep(1e6)\n  except OSError: print("refused", flush=True)\n  time.sleep(0.005)\ntime.sleep(1e6)\n'

const LOUD = {
  'hog.yaml': agent('hog', { MOCK_HOG_MB: 100 }, limits('{memory: 48Mi}')),
  'leaker.yaml': agent('leaker', { MOCK_LEAK_MB: 40 }, limits('{memory: 64Mi}')),
  'burner.yaml': agent('burner', { MOCK_BURN: 2 }, limits('{cpu: 200m}')),
  'forker.yaml': manifest(
    'forker',
    ['python3', '-c', FORKER],
    `${limits('{pids: 40}')}  terminationGracePeriodSeconds: 1\n`,
  ),
}

/** Every pod of a quiet service that was shown as not ready after all of them had been. */
async function watchQuiet(signal: AbortSignal, found: string[]): Promise<void> {
  const { client } = current()
  const { metadata } = await client.list<Pod>(RESOURCES.pods, { namespace: 'default' })
  const options = { namespace: 'default', resourceVersion: metadata.resourceVersion ?? '' }
  for await (const { object } of client.watch<Pod>(RESOURCES.pods, options, signal))
    if (object.metadata.name?.startsWith('quiet') && !object.status.containerStatuses[0].ready)
      found.push(`${object.metadata.name}: ${object.status.message ?? ''}`)
}

async function reasons(): Promise<Set<string>> {
  const { items } = await current().client.list<KubeEvent>(RESOURCES.events, { namespace: 'default' })
  return new Set(items.map(({ involvedObject, reason }) => `${involvedObject.name.replace(/-0$/, '')} ${reason}`))
}

const CASES = [
  ['by the kernel', [], ['hog OOMKilled', 'leaker OOMKilled'], KERNEL_CAN],
  [
    'by samples',
    ['--enforcement', 'Sampled'],
    ['hog MemoryLimitExceeded', 'leaker MemoryLimitExceeded', 'burner CPULimitExceeded'],
    true,
  ],
] as const

for (const [how, args, wanted, isPossible] of CASES)
  test.skipIf(!isPossible)(`contained ${how}`, { timeout: 180_000 }, async () => {
    const quiet = QUIET.map((name) => [`${name}.yaml`, agent(name, { MOCK_READY_AFTER_MS: 1 }, PROBED)])
    const { manifestsDir, waitFor } = await start({ manifests: Object.fromEntries(quiet), args })
    for (const name of QUIET) await condition(name, 'Ready', 'Ready')
    const before = await Promise.all(QUIET.map((name) => pidOf(name)))
    const unready: string[] = []
    const end = new AbortController()
    const watching = watchQuiet(end.signal, unready).catch((error: unknown) => {
      if (!end.signal.aborted) throw error
    })
    for (const [name, text] of Object.entries(LOUD)) await writeFile(`${manifestsDir}/${name}`, text)

    await waitFor(
      wanted.join(', '),
      async () => {
        const now = await reasons()
        return wanted.every((reason) => now.has(reason)) || undefined
      },
      60_000,
    )
    const size = args.length === 0 ? 40 : 151
    await waitFor(
      `${String(size)} processes of the forker`,
      async () => {
        const [pod] = await pods('forker')
        return pod?.status.orc.processes === size || undefined
      },
      40_000,
    )
    const { enforcement } = (await get('forker')).status ?? {}
    expect(enforcement?.pids).toBe(args.length === 0 ? 'Kernel' : 'None')
    const untilMs = performance.now() + GOES_ON_MS
    await waitFor('it to go on', () => performance.now() > untilMs || undefined, GOES_ON_MS + 5000)

    end.abort()
    await watching
    expect(unready).toEqual([])
    expect(await Promise.all(QUIET.map((name) => pidOf(name)))).toEqual(before)
    for (const name of QUIET) expect((await get(name)).status).toMatchObject({ readyReplicas: 1, restartCount: 0 })
    const warned = [...(await reasons())].filter((each) => each.startsWith('quiet') && each.endsWith('Unhealthy'))
    expect(warned).toEqual([])
  })
