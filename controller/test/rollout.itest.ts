/** New revisions under a real controller: no gap under load, a return from what fails, and rollouts that a kill only delays. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import path from 'node:path'
import { findCondition, type Pod } from '@orc/schemas'
import { expect, test } from 'vitest'
import { condition, current, get, patch, pods, start } from './one-orc.ts'

const SERVER = `import http from 'node:http'
const server = http.createServer((q, r) => r.end(process.env.VERSION))
server.listen(process.env.PORT, '127.0.0.1')
process.on('SIGTERM', () => { server.close(); server.closeIdleConnections(); setTimeout(() => process.exit(0), 100) })
`

interface Options {
  readonly version: string
  readonly replicas?: number
  readonly strategy?: string
  readonly more?: string
}

const manifest = ({
  version,
  replicas = 3,
  strategy = '{}',
  more = '',
}: Options): string => `apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata: {name: web}
spec:
  command: [node, server.mjs]
  env: [{name: VERSION, value: "${version}"}]
  ports: [{name: http, port: 0}]
  replicas: ${String(replicas)}
  readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1}
  updateStrategy: ${strategy}
  terminationGracePeriodSeconds: 5
${more}`

const save = (options: Options): Promise<void> =>
  writeFile(path.join(current().manifestsDir, 'web.yaml'), manifest(options))

const begin = (options: Options): ReturnType<typeof start> =>
  start({ manifests: { 'web.yaml': manifest(options) }, files: { 'server.mjs': SERVER } })

async function complete(replicas = 3): Promise<void> {
  await current().waitFor(
    'the rollout to be complete',
    async () => {
      const { status } = await get('web')
      const settled = findCondition(status?.conditions, 'Progressing')?.status === 'False'
      return settled && status?.updatedReplicas === replicas && status.availableReplicas === replicas ? true : undefined
    },
    40_000,
  )
}

const isServing = ({ status }: Pod): boolean => status.containerStatuses[0].ready && status.orc.pid !== undefined
const portOf = (pod: Pod): number => pod.spec.containers[0].ports[0]?.containerPort ?? 0

function ask(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, agent: false, timeout: 2000 }, (response) => {
      let text = ''
      response.on('data', (piece: Buffer) => (text += piece.toString()))
      response.on('end', () => {
        resolve(text)
      })
      response.on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

/**
 * A client that knows the ready replicas as a load balancer does, those that it heard of last while orc is away, and tries
 * a second one when the first fails.
 */
async function load(until: () => boolean): Promise<{ answers: Map<string, number>; failed: number; least: number }> {
  const answers = new Map<string, number>()
  let failed = 0
  let least = Infinity
  let ready: readonly Pod[] = []
  while (!until()) {
    ready = (await pods('web').catch(() => undefined))?.filter(isServing) ?? ready
    least = Math.min(least, ready.length)
    const turn = Math.floor(Math.random() * ready.length)
    const targets = [ready[turn], ready[(turn + 1) % ready.length]].flatMap((pod) => (pod === undefined ? [] : [pod]))
    let answer: string | undefined
    for (const pod of targets) answer ??= await ask(portOf(pod)).catch(() => undefined)
    if (answer === undefined) failed += 1
    else answers.set(answer, (answers.get(answer) ?? 0) + 1)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return { answers, failed, least }
}

test('three replicas are replaced one by one: two always serve, and no request fails', async () => {
  await begin({ version: '1' })
  await complete()
  let isOver = false
  const loading = load(() => isOver)
  await save({ version: '2' })
  await condition('web', 'Progressing', 'RollingOut')
  await complete()
  isOver = true
  const { answers, failed, least } = await loading
  expect(failed).toBe(0)
  expect(least).toBeGreaterThanOrEqual(2)
  expect([...answers.keys()].toSorted()).toEqual(['1', '2'])
  expect(await ask(portOf((await pods('web'))[0] as Pod))).toBe('2')
})

test('with maxSurge one more stands in, so that three always serve', async () => {
  const strategy = '{maxUnavailable: 0, maxSurge: 1, minReadySeconds: 1}'
  await begin({ version: '1', strategy })
  await complete()
  let isOver = false
  const loading = load(() => isOver)
  await save({ version: '2', strategy })
  await current().waitFor('the fourth', async () => (await pods('web')).length === 4 || undefined)
  await complete()
  isOver = true
  expect(await loading).toMatchObject({ failed: 0, least: 3 })
  await current().waitFor('the fourth to be gone', async () => (await pods('web')).length === 3 || undefined)
})

test('Recreate ends all of the old before the first of the new', async () => {
  const strategy = '{type: Recreate}'
  await begin({ version: '1', replicas: 2, strategy })
  await complete(2)
  const before = (await pods('web')).map(({ status }) => status.orc.pid ?? 0)
  await save({ version: '2', replicas: 2, strategy })
  const seen: number[][] = []
  await current().waitFor('the new ones', async () => {
    const pids = (await pods('web')).map(({ status }) => status.orc.pid ?? 0)
    seen.push(pids)
    return pids.every((pid) => pid !== 0 && !before.includes(pid)) ? true : undefined
  })
  const mixed = seen.filter(
    (pids) => pids.some((pid) => before.includes(pid)) && pids.some((pid) => pid !== 0 && !before.includes(pid)),
  )
  expect(mixed).toEqual([])
})

test('a revision that crashes is taken back by itself, the file untouched, also over a kill of the controller', async () => {
  const { manifestsDir, kill, restart, dir } = await begin({ version: '1' })
  await complete()
  const before = new Set((await pods('web')).map(({ status }) => status.orc.pid))
  await writeFile(
    path.join(dir, 'server.mjs'),
    `${SERVER}\nif (process.env.VERSION === 'bad') { console.log('no such model'); process.exit(3) }\n`,
  )
  const bad = { version: 'bad', more: '  backoff: {initialSeconds: 1, factor: 1, maxSeconds: 1, jitterPercent: 0}\n' }
  await save(bad)
  const back = await condition('web', 'Accepted', 'RolledBack')
  expect(findCondition(back.status?.conditions, 'Accepted')?.message).toMatch(
    /^Revision 2 failed: The process exited with code 3 .* The last one that worked is in force\. The file is as you wrote it/,
  )
  await condition('web', 'Ready', 'Ready')
  await kill()
  await restart()
  await condition('web', 'Accepted', 'RolledBack')
  await condition('web', 'Ready', 'Ready')
  expect((await get('web')).status).toMatchObject({ readyReplicas: 3, availableReplicas: 3 })
  // Two of the three were never touched.
  const after = (await pods('web')).filter(({ status }) => before.has(status.orc.pid))
  expect(after).toHaveLength(2)
  expect(await readFile(path.join(manifestsDir, 'web.yaml'), 'utf8')).toBe(manifest(bad))
  // A correction is tried like any other revision.
  await save({ version: '3' })
  await condition('web', 'Accepted', 'Accepted')
  await complete()
})

test('a rollout goes on when the controller is killed again and again', async () => {
  const { kill, restart, waitFor } = await begin({ version: '1' })
  await complete()
  await save({ version: '2' })
  for (let round = 0; round < 4; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 150 * round))
    await kill()
    await restart()
  }
  await complete()
  await waitFor('every replica to be new', async () => {
    const answers = await Promise.all((await pods('web')).map((pod) => ask(portOf(pod)).catch(() => '')))
    return answers.every((answer) => answer === '2') ? true : undefined
  })
})

test('paused in its middle for longer than its deadline, a rollout goes on when it is resumed', async () => {
  await begin({ version: '1' })
  await complete()
  const strategy = '{progressDeadlineSeconds: 2'
  await save({ version: '2', strategy: `${strategy}}` })
  await condition('web', 'Progressing', 'RollingOut')
  const updated = async () => ((await get('web')).status?.updatedReplicas ?? 0) >= 1 || undefined
  await current().waitFor('the first new replica', updated, 20_000)
  await save({ version: '2', strategy: `${strategy}, paused: true}` })
  await condition('web', 'Progressing', 'RolloutPaused')
  const pausedMs = Date.now()
  await current().waitFor('the deadline to pass', () => Date.now() - pausedMs > 3000 || undefined)
  await save({ version: '2', strategy: `${strategy}}` })
  await condition('web', 'Progressing', 'RollingOut')
  await complete()
  expect(await get('web')).not.toHaveProperty('status.rejectedRevision')
  expect(await ask(portOf((await pods('web'))[2] as Pod))).toBe('2')
})

test('killed after each replica that it replaces, orc goes on: two always serve, and no request fails', async () => {
  const { kill, restart, waitFor } = await begin({ version: '1' })
  await complete()
  let isOver = false
  const loading = load(() => isOver)
  await save({ version: '2' })
  await condition('web', 'Progressing', 'RollingOut')
  for (const step of [1, 2, 3]) {
    const isThere = async () => ((await get('web')).status?.updatedReplicas ?? 0) >= step || undefined
    await waitFor(`replica ${String(step)} of the new revision`, isThere, 20_000)
    await kill()
    await restart()
  }
  await complete()
  isOver = true
  const { answers, failed, least } = await loading
  expect(failed).toBe(0)
  expect(least).toBeGreaterThanOrEqual(2)
  expect([...answers.keys()].toSorted()).toEqual(['1', '2'])
})

test('whose revisions were forgotten, a service goes on as it is, and they are remembered anew', async () => {
  const { kill, restart, stateDir, waitFor } = await begin({ version: '1' })
  await complete()
  const before = (await pods('web')).map(({ status }) => status.orc.pid)
  await kill()
  await rm(path.join(stateDir, 'revisions'), { recursive: true })
  await restart()
  await complete()
  expect((await pods('web')).map(({ status }) => status.orc.pid)).toEqual(before)
  const stored = await waitFor('the memory', () =>
    readFile(path.join(stateDir, 'revisions/default/web.json'), 'utf8').catch(() => undefined),
  )
  expect(JSON.parse(stored)).toMatchObject({ revisions: [{ number: 1, isProven: true }] })
})

test('a paused rollout replaces nobody, and goes on when it is resumed', async () => {
  await begin({ version: '1' })
  await complete()
  const before = (await pods('web')).map(({ status }) => status.orc.pid)
  await save({ version: '2', strategy: '{paused: true}' })
  await condition('web', 'Progressing', 'RolloutPaused')
  process.kill(before[0] ?? 0, 'SIGKILL')
  await current().waitFor('the next process', async () => {
    const pid = (await pods('web'))[0]?.status.orc.pid
    return pid !== undefined && pid !== before[0] ? true : undefined
  })
  await condition('web', 'Ready', 'Ready')
  // What ended meanwhile came back as what it was.
  expect(await ask(portOf((await pods('web'))[0] as Pod))).toBe('1')
  await patch('web', { spec: { updateStrategy: { paused: null } } })
  await complete()
  expect(await ask(portOf((await pods('web'))[0] as Pod))).toBe('2')
})
