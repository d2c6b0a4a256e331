/** Deleted pods of a real controller: the process ends, another pod takes the place, the manifest stays as it is. */
import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { RESOURCES, type AgentService, type Pod } from '@orc/schemas'
import { ApiError, type WatchEvent } from '@orc/sdk/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOrc, type Orc } from './harness.ts'

const { agentservices, pods } = RESOURCES
let orc: Orc

const text = (name: string, spec: string): string =>
  `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata:\n  name: ${name}   # as it is\nspec:\n  ${spec.trim()}\n`
/** Hears SIGTERM and does not care. */
const STUBBORN = `command: [sh, -c, 'trap "" TERM; while :; do sleep 0.1; done']`
const MANIFESTS = {
  'calm.yaml': text('calm', 'command: [sleep, "300"]'),
  'many.yaml': text('many', 'command: [sleep, "300"]\n  replicas: 3'),
  'stubborn.yaml': text('stubborn', `${STUBBORN}\n  terminationGracePeriodSeconds: 6`),
  'patient.yaml': text('patient', `${STUBBORN}\n  terminationGracePeriodSeconds: 3`),
  'crashing.yaml': text('crashing', `command: [sh, -c, 'exit 3']\n  backoff: {initialSeconds: 60, maxSeconds: 60}`),
  'stopped.yaml': text('stopped', 'command: [sleep, "300"]\n  operatingMode: Stopped'),
}

beforeAll(async () => {
  orc = await startOrc({ manifests: MANIFESTS })
})
afterAll(async () => {
  for (const [file, content] of Object.entries(MANIFESTS))
    if (file !== 'stopped.yaml') expect(await readFile(path.join(orc.manifestsDir, file), 'utf8')).toBe(content)
  await orc.stop()
})

const get = (name: string): Promise<Pod> => orc.client.get<Pod>(pods, name, 'default')
const pidOf = (pod: Pod): number => pod.status.orc.pid ?? 0
const isAlive = (pid: number): boolean => existsSync(`/proc/${String(pid)}`)
const running = (name: string, after?: Pod): Promise<Pod> =>
  orc.waitFor(`${name} to run`, async () => {
    const pod = await get(name).catch(() => undefined)
    const isNew = pod?.metadata.uid !== after?.metadata.uid
    return pod?.status.phase === 'Running' && isNew ? pod : undefined
  })
const remove = (name: string, options: Record<string, unknown> = {}): Promise<Pod> =>
  orc.client.raw<Pod>({
    method: 'DELETE',
    path: `/api/v1/namespaces/default/pods/${name}`,
    body: { apiVersion: 'v1', kind: 'DeleteOptions', ...options },
  })
const refusal = async (attempt: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof ApiError ? error.status : error
}
const marks = async (): Promise<string[]> =>
  (await readdir(path.join(orc.stateDir, 'pods'), { recursive: true })).filter((file) => file.endsWith('.json'))

test('a deleted pod is shown as it ends, and another one takes its place', async () => {
  const before = await running('calm-0')
  const events: WatchEvent<Pod>[] = []
  const end = new AbortController()
  const { metadata } = await orc.client.list<Pod>(pods, { namespace: 'default' })
  const watching = (async () => {
    const options = { namespace: 'default', fieldSelector: 'metadata.name=calm-0', ...metadata }
    for await (const event of orc.client.watch<Pod>(pods, options, end.signal)) events.push(event)
  })().catch(() => undefined)
  const answer = await remove('calm-0')
  expect(answer).toMatchObject({ kind: 'Pod', metadata: { uid: before.metadata.uid, deletionGracePeriodSeconds: 30 } })
  expect(Date.parse(answer.metadata.deletionTimestamp ?? '')).toBeGreaterThan(Date.now())
  const after = await running('calm-0', before)
  expect(isAlive(pidOf(before))).toBe(false)
  expect(pidOf(after)).not.toBe(pidOf(before))
  expect(after.metadata.deletionTimestamp).toBeUndefined()
  expect(after.status.containerStatuses[0].restartCount).toBe(0)
  expect(after.status.containerStatuses[0].lastState.terminated?.reason).toBe('PodDeleted')
  await orc.waitFor('the mark to go', async () => (await marks()).length === 0 || undefined)
  end.abort()
  await watching
  const told = events.map(
    ({ type, object }) => `${type} ${object.metadata.uid === before.metadata.uid ? 'old' : 'new'}`,
  )
  expect(told.filter((word, at) => word !== told[at - 1] && !word.endsWith('MODIFIED new')).slice(0, 3)).toEqual([
    'MODIFIED old',
    'DELETED old',
    'ADDED new',
  ])
})

test('the time that it is given counts: none is SIGKILL at once, also for one that is ending', async () => {
  const before = await running('stubborn-0')
  const answer = await remove('stubborn-0')
  expect(answer.metadata.deletionGracePeriodSeconds).toBe(6)
  // Less time can be given, not more.
  expect((await remove('stubborn-0', { gracePeriodSeconds: 60 })).metadata.deletionTimestamp).toBe(
    answer.metadata.deletionTimestamp,
  )
  expect((await get('stubborn-0')).metadata.uid).toBe(before.metadata.uid)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(isAlive(pidOf(before))).toBe(true)
  const startedMs = performance.now()
  const shorter = await remove('stubborn-0', { gracePeriodSeconds: 0 })
  expect(shorter.metadata.deletionGracePeriodSeconds).toBe(0)
  await running('stubborn-0', before)
  expect(performance.now() - startedMs).toBeLessThan(4000)
  expect(isAlive(pidOf(before))).toBe(false)
})

test('a condition on the uid holds for this very pod, and a try changes nothing', async () => {
  const before = await running('calm-0')
  expect(await refusal(remove('calm-0', { preconditions: { uid: 'other' } }))).toMatchObject({
    code: 409,
    message: expect.stringContaining('UID in precondition: other') as string,
  })
  const tried = await remove('calm-0', { dryRun: ['All'], gracePeriodSeconds: 5 })
  expect(tried.metadata.deletionGracePeriodSeconds).toBe(5)
  expect(await get('calm-0')).toEqual(before)
  expect(await refusal(remove('nobody-0'))).toMatchObject({ code: 404 })
  await remove('calm-0', { preconditions: { uid: before.metadata.uid } })
  await running('calm-0', before)
  expect(await refusal(remove('calm-0', { preconditions: { uid: before.metadata.uid } }))).toMatchObject({ code: 409 })
})

test('a controller that is killed in between carries it out when it comes back', async () => {
  const before = await running('patient-0')
  await remove('patient-0')
  await orc.kill()
  expect(await marks()).toEqual(['default/patient-0.json'])
  await orc.restart()
  const after = await running('patient-0', before)
  expect(isAlive(pidOf(before))).toBe(false)
  expect(after.status.containerStatuses[0].restartCount).toBe(0)
  expect(after.status.orc.incarnation).toBe((before.status.orc.incarnation ?? 0) + 1)
  await orc.waitFor('the mark to go', async () => (await marks()).length === 0 || undefined)
})

test('one that waits for its backoff begins anew at once', async () => {
  const before = await orc.waitFor('the backoff', async () => {
    const pod = await get('crashing-0')
    return pod.status.containerStatuses[0].restartCount > 0 && pod.status.orc.nextRetryTime !== undefined
      ? pod
      : undefined
  })
  await remove('crashing-0')
  const after = await orc.waitFor('another pod', async () => {
    const pod = await get('crashing-0')
    return pod.metadata.uid !== before.metadata.uid && (pod.status.orc.run ?? 0) > (before.status.orc.run ?? 0)
      ? pod
      : undefined
  })
  expect(after.metadata.deletionTimestamp).toBeUndefined()
})

test('one without a process is another one at once, also after a restart, and stays down', async () => {
  const before = await orc.waitFor('the pod', () => get('stopped-0').catch(() => undefined))
  await remove('stopped-0')
  const second = await orc.waitFor('another pod', async () => {
    const pod = await get('stopped-0')
    return pod.metadata.uid === before.metadata.uid ? undefined : pod
  })
  expect(second.metadata.deletionTimestamp).toBeUndefined()
  await orc.restart()
  expect((await orc.waitFor('the pod', () => get('stopped-0').catch(() => undefined))).metadata.uid).toBe(
    second.metadata.uid,
  )
  await orc.client.patch<AgentService>(agentservices, 'stopped', 'default', { spec: { operatingMode: 'Running' } })
  const third = await running('stopped-0')
  expect(third.metadata.uid).toBe(second.metadata.uid)
  await orc.waitFor('the mark to go', async () => (await marks()).length === 0 || undefined)
})

test('all that are selected are deleted together', async () => {
  const names = ['many-0', 'many-1', 'many-2']
  const before = await Promise.all(names.map((name) => running(name)))
  const calm = await running('calm-0')
  const { items } = await orc.client.raw<{ items: Pod[] }>({
    method: 'DELETE',
    path: '/api/v1/namespaces/default/pods?labelSelector=orc.dev%2Fservice%3Dmany&gracePeriodSeconds=1',
  })
  expect(items.map(({ metadata }) => metadata.name)).toEqual(names)
  for (const { metadata } of items) expect(metadata.deletionTimestamp).toBeDefined()
  for (const [at, name] of names.entries()) await running(name, before[at])
  for (const pod of before) expect(isAlive(pidOf(pod))).toBe(false)
  expect((await get('calm-0')).metadata.uid).toBe(calm.metadata.uid)
})
