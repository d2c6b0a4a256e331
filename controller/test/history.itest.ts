/** What a person can still find out afterwards: events, runs and changes, over every kind of end of the controller. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import Database from 'libsql'
import { RESOURCES, type KubeEvent, type Pod } from '@orc/schemas'
import { afterEach, describe, expect, test } from 'vitest'
import { startOrc, type Orc } from './harness.ts'

let orc: Orc | undefined
afterEach(async () => {
  await orc?.stop()
  orc = undefined
})

function manifest(name: string, spec: string): string {
  return `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}}\nspec: ${spec}\n`
}

const CRASHES = `{command: [sh, -c, 'echo last words; exit 3'], backoff: {initialSeconds: 1, maxSeconds: 1, jitterPercent: 0}}`

async function eventsOf(running: Orc, name?: string): Promise<KubeEvent[]> {
  const { items } = await running.client.list<KubeEvent>(RESOURCES.events)
  return items.filter(({ involvedObject }) => name === undefined || involvedObject.name === name)
}

function find(events: readonly KubeEvent[], reason: string): KubeEvent | undefined {
  return events.find((event) => event.reason === reason)
}

function rows(running: Orc, sql: string): Record<string, unknown>[] {
  const file = path.join(running.stateDir, 'history.db')
  if (!existsSync(file)) return []
  const database = new Database(file)
  try {
    return database.prepare(sql).all() as Record<string, unknown>[]
  } catch {
    return []
  } finally {
    database.close()
  }
}

/** Everything below the state directory that history wrote, as text. */
function bytesOfHistory(running: Orc): string {
  return readdirSync(running.stateDir)
    .filter((name) => name.startsWith('history.db'))
    .map((name) => readFileSync(path.join(running.stateDir, name), 'latin1'))
    .join('')
}

/** '' for what is gone, and for directories. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

describe('a crash loop', () => {
  test('is counted, and the count goes on after kill -9 and a restart', async () => {
    const running = (orc = await startOrc({ manifests: { 'a.yaml': manifest('crash', CRASHES) } }))
    const exits = async (): Promise<KubeEvent | undefined> => find(await eventsOf(running, 'crash-0'), 'Exited')
    const before = await running.waitFor('four ends', async () => {
      const event = await exits()
      return event !== undefined && event.count >= 4 ? event : undefined
    })
    expect(before).toMatchObject({
      type: 'Warning',
      message: 'The process exited with code 3. Its last line: "last words".',
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'crash-0' },
    })
    const [pod] = (await running.client.list<Pod>(RESOURCES.pods)).items
    expect(before.involvedObject.uid).toBe(pod?.metadata.uid)
    expect(find(await eventsOf(running, 'crash-0'), 'CrashLoopBackOff')?.type).toBe('Warning')
    expect(find(await eventsOf(running, 'crash'), 'CrashLoopBackOff')?.involvedObject.kind).toBe('AgentService')
    await running.waitFor('its row', () => rows(running, 'SELECT * FROM runs').length >= 4 || undefined)
    const known = rows(running, 'SELECT count FROM events').length

    await running.kill()
    await running.restart()
    const after = await running.waitFor('the next end', async () => {
      const event = await exits()
      return event !== undefined && event.count > before.count ? event : undefined
    })
    expect(after.metadata.name).toBe(before.metadata.name)
    expect(after.metadata.uid).toBe(before.metadata.uid)
    expect(after.firstTimestamp).toBe(before.firstTimestamp)
    expect(rows(running, 'SELECT count FROM events').length).toBe(known)
    const runs = rows(running, 'SELECT * FROM runs ORDER BY seq')
    expect(runs.map(({ seq }) => seq)).toEqual(runs.map((_, at) => at + 1))
    expect(runs[0]).toMatchObject({
      service: 'crash',
      ordinal: 0,
      exit_code: 3,
      reason: 'Exited',
      last_lines: 'last words',
    })
    expect(running.log()).not.toContain('history')
  })

  test('has a row for the run that ended while no controller watched', async () => {
    const running = (orc = await startOrc({
      manifests: { 'a.yaml': manifest('once', `{command: [sh, -c, 'sleep 1; exit 9'], restartPolicy: Never}`) },
    }))
    await running.waitFor('the row of the start', () => rows(running, 'SELECT * FROM events').length || undefined)
    await running.kill()
    const runs = path.join(running.stateDir, 'runs/default/once')
    await running.waitFor(
      'the end',
      () => readdirSync(runs, { recursive: true }).some((name) => String(name).endsWith('/exit')) || undefined,
    )
    await running.restart()
    const event = await running.waitFor('the event', async () => find(await eventsOf(running, 'once-0'), 'Exited'))
    expect(find(await eventsOf(running, 'once-0'), 'Failed')?.message).toContain('restartPolicy is Never')
    expect(event).toMatchObject({ type: 'Warning', count: 1, message: 'The process exited with code 9.' })
    await running.waitFor('the row', () => rows(running, 'SELECT * FROM runs').length === 1 || undefined)
    await running.restart()
    await running.waitFor(
      'the services',
      async () => (await running.client.list(RESOURCES.pods)).items.length || undefined,
    )
    expect(await eventsOf(running, 'once-0')).toMatchObject([
      { reason: 'Started', count: 1 },
      { reason: 'Exited', count: 1 },
      { reason: 'Failed', count: 1 },
    ])
    expect(rows(running, 'SELECT * FROM runs')).toHaveLength(1)
  })
})

test('a stop is told with its cause, and every change through the API is on record', async () => {
  const running = (orc = await startOrc({ manifests: { 'a.yaml': manifest('web', `{command: [sleep, '1000']}`) } }))
  await running.waitFor('the start', async () => find(await eventsOf(running, 'web-0'), 'Started'))
  const patch = { metadata: {}, spec: { command: ['sleep', '2000'] } }
  await running.client.patch(RESOURCES.agentservices, 'web', 'default', patch)
  const stop = await running.waitFor('the stop', async () => find(await eventsOf(running, 'web-0'), 'SpecChanged'))
  expect(stop.message).toMatch(/A new revision replaces the process|The process was ended by SIGTERM/)
  await expect(running.client.delete(RESOURCES.agentservices, 'nobody', 'default')).rejects.toThrow('not found')
  await running.client.delete(RESOURCES.agentservices, 'web', 'default')
  await running.waitFor('the end', async () => find(await eventsOf(running, 'web-0'), 'ServiceDeleted'))
  const mutations = await running.waitFor('the rows', () => {
    const found = rows(running, 'SELECT * FROM mutations ORDER BY id')
    return found.length === 3 ? found : undefined
  })
  expect(mutations).toMatchObject([
    { verb: 'patch', user: 'admin', kind: 'AgentService', name: 'web', code: 200, changed: '["spec.command[1]"]' },
    { verb: 'delete', name: 'nobody', code: 404, reason: 'NotFound', changed: '[]' },
    { verb: 'delete', name: 'web', code: 200 },
  ])
  expect(mutations[0]).toMatchObject({ from_generation: 1, to_generation: 2 })
})

test('a file that is wrong is told, though it declares nothing', async () => {
  const running = (orc = await startOrc({ manifests: { 'wrong.yaml': 'kind: [' } }))
  const wrong = await running.waitFor('the event', async () => find(await eventsOf(running), 'InvalidManifest'))
  expect(wrong).toMatchObject({
    type: 'Warning',
    metadata: { namespace: 'default' },
    involvedObject: { kind: 'Manifest' },
  })
  expect(wrong.message).toMatch(/^wrong\.yaml:1:/)
  await running.waitFor('its row', () => rows(running, 'SELECT * FROM events').length || undefined)
  await running.restart()
  await running.waitFor(
    'a count',
    async () => find(await eventsOf(running), 'InvalidManifest')?.count === 2 || undefined,
  )
  writeFileSync(path.join(running.manifestsDir, 'wrong.yaml'), manifest('web', `{command: [sleep, '1000']}`))
  await running.waitFor('the good news', async () => find(await eventsOf(running), 'Accepted'))
})

describe('an orderly end', () => {
  test('of the controller loses no row', async () => {
    const running = (orc = await startOrc({ manifests: { 'a.yaml': manifest('web', `{command: [sleep, '1000']}`) } }))
    await running.waitFor('the service', async () => (await running.client.list(RESOURCES.pods)).items[0])
    for (const value of ['1', '2', '3'])
      await running.client.patch(RESOURCES.agentservices, 'web', 'default', { metadata: { labels: { value } } })
    await running.restart()
    expect(rows(running, 'SELECT changed FROM mutations').map(({ changed }) => changed)).toEqual(
      Array.from({ length: 3 }, () => '["metadata.labels.value"]'),
    )
    expect(find(await eventsOf(running, 'web-0'), 'Started')?.count).toBe(1)
  })

  test('of services whose controller was killed is on record, once', async () => {
    const running = (orc = await startOrc({ manifests: { 'a.yaml': manifest('web', `{command: [sleep, '1000']}`) } }))
    await running.waitFor('the row', () => rows(running, 'SELECT * FROM events').length || undefined)
    await running.kill()
    const daemon = path.resolve(import.meta.dirname, '../../cli/dist/orcd.js')
    execFileSync(process.execPath, [daemon, '--only-stop-services', '--state-dir', running.stateDir], {
      stdio: 'ignore',
    })
    expect(rows(running, 'SELECT reason FROM runs')).toMatchObject([{ reason: 'ControllerShutdown' }])
    const told = rows(running, "SELECT message FROM events WHERE reason = 'ControllerShutdown'")
    expect(told).toHaveLength(2)
    await running.restart()
    await running.waitFor('a new start', async () => {
      const events = await eventsOf(running, 'web-0')
      return events.filter(({ reason }) => reason === 'Started').length === 2 || undefined
    })
    expect(rows(running, 'SELECT reason FROM runs')).toHaveLength(1)
  })
})

describe('a history.db', () => {
  test('that was destroyed costs history only', async () => {
    const running = (orc = await startOrc({
      manifests: {
        'a.yaml': manifest('web', `{command: [sleep, '1000']}`),
        'b.yaml': manifest('missing', `{command: [no-such-program]}`),
      },
    }))
    const started = await running.waitFor('the start', async () => find(await eventsOf(running, 'web-0'), 'Started'))
    const [pod] = (await running.client.list<Pod>(RESOURCES.pods)).items
    await running.waitFor('its row', () => rows(running, 'SELECT * FROM events').length > 0 || undefined)
    await running.kill()
    const file = path.join(running.stateDir, 'history.db')
    // A new file and not the old one with other content: the connection of this test, which ends with the garbage, may
    // still write its pages back.
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
    writeFileSync(file, 'destroyed '.repeat(1000))
    await running.restart()
    await running.waitFor('a refused start', async () => find(await eventsOf(running, 'missing-0'), 'StartFailed'))
    expect((await eventsOf(running)).map(({ metadata }) => metadata.name)).not.toContain(started.metadata.name)
    const [after] = (await running.client.list<Pod>(RESOURCES.pods)).items
    expect(after?.status.orc.pid).toBe(pod?.status.orc.pid)
    expect(running.log()).toMatch(/warn .*history cannot be read .* put aside as .*history\.db\.corrupt-/)
    const [aside] = readdirSync(running.stateDir).filter((name) => name.startsWith('history.db.corrupt-'))
    expect(readFileSync(path.join(running.stateDir, aside ?? ''), 'utf8')).toContain('destroyed')
    await running.waitFor('new rows', () => rows(running, 'SELECT * FROM events').length > 0 || undefined)
    expect(statSync(file).mode & 0o077).toBe(0)
  })

  test('tells of nothing when everything rests', async () => {
    const running = (orc = await startOrc({
      manifests: { 'a.yaml': manifest('web', `{command: [sleep, '1000'], replicas: 3}`) },
    }))
    await running.waitFor(
      'the rows',
      () => rows(running, "SELECT * FROM events WHERE reason = 'Started'").length === 3 || undefined,
    )
    const look = (): unknown => [
      rows(running, 'SELECT count(*), max(last_ms), sum(count) FROM events'),
      rows(running, 'SELECT count(*) FROM runs'),
      rows(running, 'SELECT count(*) FROM mutations'),
    ]
    // The rows that follow within the same moment have been written too, and the first sample of each process is taken.
    await new Promise((resolve) => setTimeout(resolve, 3000))
    const [before, version] = [look(), (await running.client.list(RESOURCES.events)).metadata.resourceVersion]
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect(look()).toEqual(before)
    expect((await running.client.list(RESOURCES.events)).metadata.resourceVersion).toBe(version)
  })
})

test('no value of a secret is in history, in events or in a list', async () => {
  const CANARY = 'canary-9d41c7'
  const encoded = Buffer.from(CANARY).toString('base64')
  const env = '[{name: KEY, valueFrom: {secretKeyRef: {name: keys, key: token}}}]'
  const running = (orc = await startOrc({
    manifests: {
      'a.yaml': manifest('web', `{command: [sh, -c, 'sleep 1; exit 4'], env: ${env}}`),
      // Plain text where base64 belongs: what most people get wrong first.
      'wrong.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: wrong}\ndata: {token: ${CANARY}}\n`,
    },
  }))
  await running.waitFor('the wrong file', async () => find(await eventsOf(running), 'InvalidManifest'))
  await running.waitFor('the refusal', async () => find(await eventsOf(running, 'web-0'), 'ReferenceNotFound'))
  const changeSecret = (patch: unknown) => running.client.patch(RESOURCES.secrets, 'keys', 'default', patch)
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys', namespace: 'default' } }
  await running.client.create(RESOURCES.secrets, { ...secret, data: { token: encoded } })
  await changeSecret({ data: { token: Buffer.from(`${CANARY}2`).toString('base64') } })
  await changeSecret({ data: { token: CANARY } }).catch(() => undefined)
  await changeSecret({ data: { other: [CANARY] } }).catch(() => undefined)
  await running.waitFor('an end', async () => find(await eventsOf(running, 'web-0'), 'Exited'))
  const commandLines = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => textOf(path.join('/proc', pid, 'cmdline')))
  const elsewhere = (readdirSync(running.stateDir, { recursive: true }) as string[])
    .filter((name) => !name.startsWith('secrets'))
    .map((name) => textOf(path.join(running.stateDir, name)))
  for (const value of [CANARY, encoded.slice(0, 14)])
    expect([...commandLines, ...elsewhere].filter((text) => text.includes(value))).toEqual([])
  expect(elsewhere.some((text) => text.includes('sleep 1; exit 4'))).toBe(true)
  await running.client.delete(RESOURCES.secrets, 'keys', 'default')
  await running.waitFor('the rows', () => rows(running, 'SELECT * FROM mutations').length === 5 || undefined)
  const lists = await Promise.all(
    Object.values(RESOURCES).map(async (resource) => JSON.stringify((await running.client.list(resource)).items)),
  )
  const everything = [bytesOfHistory(running), ...lists, running.log()].join('\n')
  expect(everything).toContain('data.token')
  for (const value of [CANARY, encoded.slice(0, 14)]) expect(everything).not.toContain(value)
})
