/** The limits of logs under a real controller: what is kept is whole, what is thrown away is counted. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { RESOURCES, type KubeEvent, type Pod } from '@orc/schemas'
import { OrcClient } from '@orc/sdk/client'
import { nodeTransport } from '@orc/sdk/client/node'
import { afterEach, expect, test } from 'vitest'
import { poll, startOrc, type Orc } from './harness.ts'

const FIXTURE = path.join(import.meta.dirname, 'fixtures/log-writer.py')
const DAEMON = path.resolve(import.meta.dirname, '../../cli/dist/orcd.js')
const isLong = process.env['ORC_TEST_LONG'] !== undefined
const LINE = 98
const RATE = 50e6
const SECONDS = isLong ? 40 : 9
const KILLS = isLong ? 20 : 3
const LINES = Math.floor((RATE * SECONDS) / LINE)

const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

function service(name: string, command: readonly string[], spec = ''): string {
  return `apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata: {name: ${name}}
spec:
  command: ${JSON.stringify(command)}
  terminationGracePeriodSeconds: 1
  ${spec}
`
}

async function start(options: Parameters<typeof startOrc>[0]): Promise<Orc> {
  const orc = await startOrc(options)
  closers.push(() => orc.stop())
  return orc
}

/** Reads the log through the API; throws where a line is missing, doubled or damaged. Returns how many there are. */
async function countLines(client: OrcClient, pod: string, previous = false): Promise<number> {
  let rest = ''
  let expected = 0
  for await (const text of client.logs('default', pod, { previous }, AbortSignal.timeout(120_000))) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.length !== LINE - 1 || Number(line.slice(0, 12)) !== expected)
        throw new Error(`after ${String(expected)} lines came ${JSON.stringify(line.slice(0, 150))}`)
      expected += 1
    }
  }
  if (rest !== '') throw new Error(`half a line is left: ${rest}`)
  return expected
}

async function logFiles(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true }).catch(() => [])
  return entries.filter((entry) => /\/log(\.\d+)?$/.test(entry)).map((entry) => path.join(directory, entry))
}

async function diskUsage(directory: string): Promise<number> {
  const sizes = await Promise.all((await logFiles(directory)).map((file) => stat(file).catch(() => undefined)))
  return sizes.reduce((sum, found) => sum + (found?.blocks ?? 0) * 512, 0)
}

test('50 MB/s are rotated without a loss while orc is killed', { timeout: 240_000 }, async () => {
  const orc = await start({
    args: ['--log-quota', '20Gi'],
    manifests: {
      'writer.yaml': service(
        'writer',
        ['sh', '-c', `python3 ${FIXTURE} ${String(LINES)} ${String(RATE)}; touch done; sleep 1000`],
        'logs: {maxFileSize: 2Mi, maxFiles: 1000, quota: 20Gi}',
      ),
    },
  })
  const runs = path.join(orc.stateDir, 'runs')
  const rotations = async (): Promise<number> => (await logFiles(runs)).length - 1
  // More than the defaults would keep.
  await orc.waitFor('the first rotations', async () => ((await rotations()) > 130 ? true : undefined), 60_000)
  for (let kills = 0; kills < KILLS; kills += 1) {
    // At any moment of a rotation.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 300))
    await orc.kill()
    await orc.restart()
  }
  await orc.waitFor('the writer', () => existsSync(path.join(orc.dir, 'done')) || undefined, SECONDS * 4000)
  expect(await rotations()).toBeGreaterThan(100)
  expect(await countLines(orc.client, 'writer-0')).toBe(LINES)
  const pod = await orc.client.get<Pod>(RESOURCES.pods, 'writer-0', 'default')
  expect(pod.status.containerStatuses[0].restartCount).toBe(0)
  expect(pod.status.orc.logBytesDropped).toBeUndefined()
})

test('the oldest files go first, over all runs of a service', { timeout: 60_000 }, async () => {
  const Mi = 2 ** 20
  const perRun = Math.floor((3 * Mi) / LINE)
  const orc = await start({
    manifests: {
      'again.yaml': service(
        'again',
        ['python3', FIXTURE, String(perRun), '0'],
        'backoff: {initialSeconds: 1, maxSeconds: 1}\n  logs: {maxFileSize: 1Mi, maxFiles: 10, quota: 8Mi}',
      ),
    },
  })
  const runs = path.join(orc.stateDir, 'runs')
  await orc.waitFor('runs that ended', async () => {
    const pod = await orc.client.get<Pod>(RESOURCES.pods, 'again-0', 'default').catch(() => undefined)
    return (pod?.status.containerStatuses[0].restartCount ?? 0) >= 4 || undefined
  })
  await orc.waitFor('the quota', async () => (await diskUsage(runs)) <= 8 * Mi || undefined)
  expect(await diskUsage(runs)).toBeGreaterThan(4 * Mi)
})

test('all services together keep within the quota of the controller', { timeout: 60_000 }, async () => {
  const Mi = 2 ** 20
  const lines = Math.floor((4 * Mi) / LINE)
  const writers = ['a', 'b', 'c', 'd']
  const orc = await start({
    args: ['--log-quota', '8Mi'],
    manifests: Object.fromEntries(
      writers.map((name) => [
        `${name}.yaml`,
        service(name, ['python3', FIXTURE, String(lines), '2000000'], 'restartPolicy: Never'),
      ]),
    ),
  })
  const runs = path.join(orc.stateDir, 'runs')
  await orc.waitFor('the writers', async () => {
    const { items } = await orc.client.list<Pod>(RESOURCES.pods, { namespace: 'default' })
    return items.filter(({ status }) => status.phase === 'Succeeded').length === writers.length || undefined
  })
  await orc.waitFor('the quota', async () => (await diskUsage(runs)) <= 8 * Mi || undefined)
  expect(await diskUsage(runs)).toBeGreaterThan(4 * Mi)
  const { items } = await orc.client.list<Pod>(RESOURCES.pods, { namespace: 'default' })
  expect(items.filter(({ status }) => status.orc.logBytesDropped !== undefined)).toEqual([])
})

/** An orc whose state lies on a file system of its own, which nobody else sees. */
async function startOnTmpfs(
  size: string,
  manifests: Readonly<Record<string, string>>,
): Promise<{ readonly client: OrcClient; readonly state: string; readonly output: () => string }> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'orc-test-'))
  const state = path.join(dir, '.orc')
  await mkdir(state)
  await mkdir(path.join(dir, 'manifests'))
  for (const [name, text] of Object.entries(manifests)) await writeFile(path.join(dir, 'manifests', name), text)
  await copyFile(FIXTURE, path.join(dir, 'writer.py'))
  const mount = `mount -t tmpfs -o size=${size},mode=700 none "$0" && exec "$@"`
  const args = ['--manifests', path.join(dir, 'manifests'), '--state-dir', state, '--listen', '127.0.0.1:0']
  const child: ChildProcess = spawn(
    'unshare',
    ['-rm', 'sh', '-c', mount, state, process.execPath, DAEMON, ...args, '--detached', '--stop-on-exit'],
    { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (piece: Buffer) => {
      output += piece.toString()
    })
  closers.push(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    if (child.exitCode === null) {
      child.kill('SIGTERM')
      await ended
    }
    await rm(dir, { recursive: true, force: true })
  })
  const seen = path.join(`/proc/${String(child.pid)}/root`, state)
  const server = await poll('orc on a tmpfs', () => {
    if (child.exitCode !== null) throw new Error(output)
    const file = path.join(seen, 'controller.json')
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { server: string }).server : undefined
  })
  const token = readFileSync(path.join(seen, 'token'), 'utf8').trim()
  return { client: new OrcClient(nodeTransport({ server, token })), state: seen, output: () => output }
}

async function canMount(): Promise<boolean> {
  const child = spawn('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', os.tmpdir()], { stdio: 'ignore' })
  return new Promise((resolve) => {
    child.once('error', () => {
      resolve(false)
    })
    child.once('exit', (code) => {
      resolve(code === 0)
    })
  })
}

/** In the short run it ends before it could fill the disk of a machine that is busy with other tests. */
const FLOOD_END = process.env['ORC_TEST_LONG'] === undefined ? ' | head -c 500000000' : ''

const isMountable = await canMount()

test.skipIf(!isMountable)(
  'a flood leaves room on the disk, is counted, and harms nobody (needs unshare -rm)',
  { timeout: 60_000 },
  async () => {
    const Mi = 2 ** 20
    const { client, state, output } = await startOnTmpfs('1g', {
      'flood.yaml': service(
        'flood',
        ['sh', '-c', `echo begin; sleep 1; timeout 2 yes flood${FLOOD_END}; echo; echo end; sleep 1000`],
        'logs: {maxFileSize: 8Mi, maxFiles: 3, quota: 32Mi}',
      ),
      'quiet.yaml': service('quiet', ['sh', '-c', 'python3 writer.py 4000 100000; sleep 1000']),
    })
    let least = Infinity
    const written = async (): Promise<boolean> => {
      const { bsize, bfree } = statfsSync(state)
      least = Math.min(least, bsize * bfree)
      let tail = ''
      const options = { tailLines: 1 }
      for await (const text of client.logs('default', 'flood-0', options, AbortSignal.timeout(10_000))) tail += text
      return tail === 'end\n'
    }
    await poll('the flood', async () => ((await written().catch(() => false)) ? true : undefined), 30_000, output)
    expect(least).toBeGreaterThan(256 * Mi)
    await poll(
      'the quota',
      async () => (await diskUsage(path.join(state, 'runs/default/flood'))) <= 32 * Mi || undefined,
    )
    const pod = await client.get<Pod>(RESOURCES.pods, 'flood-0', 'default')
    expect(pod.status.orc.logBytesDropped).toBeGreaterThan(100 * Mi)
    const { items } = await client.list<KubeEvent>(RESOURCES.events, { namespace: 'default' })
    expect(items.filter(({ reason }) => reason === 'LogsDropped')).toMatchObject([
      { involvedObject: { kind: 'Pod', name: 'flood-0' }, type: 'Warning' },
    ])
    await poll('the quiet one', async () => ((await countLines(client, 'quiet-0')) === 4000 ? true : undefined))
  },
)

test.skipIf(!isMountable)(
  'a flood that fills the disk at once is cut, and the rest goes on (needs unshare -rm)',
  { timeout: 60_000 },
  async () => {
    const Mi = 2 ** 20
    const { client, state, output } = await startOnTmpfs('48m', {
      'flood.yaml': service('flood', ['sh', '-c', 'sleep 1; yes flood; sleep 1000']),
      'quiet.yaml': service('quiet', ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done']),
    })
    const free = (): number => {
      const { bsize, bfree } = statfsSync(state)
      return bsize * bfree
    }
    await poll('the full disk', () => (free() < Mi ? true : undefined), 15_000, output)
    await poll('room again', () => (free() > 24 * Mi ? true : undefined), 15_000, output)
    const pod = await poll('the word about it', async () => {
      const found = await client.get<Pod>(RESOURCES.pods, 'flood-0', 'default')
      return found.status.orc.logBytesDropped === undefined ? undefined : found
    })
    expect(pod.status.orc.logBytesDropped).toBeGreaterThan(16 * Mi)
    const lastOfQuiet = async (): Promise<number> => {
      let tail = ''
      const options = { tailLines: 1 }
      for await (const text of client.logs('default', 'quiet-0', options, AbortSignal.timeout(10_000))) tail += text
      return Number(tail)
    }
    const before = await lastOfQuiet()
    await poll('the quiet one to go on', async () => ((await lastOfQuiet()) > before + 5 ? true : undefined))
  },
)
