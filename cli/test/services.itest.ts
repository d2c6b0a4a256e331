import { RESOURCES, RESTARTED_AT, type AgentService, type Pod } from '@orc/schemas'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startOrc, type Orc } from '../../controller/test/harness.ts'
import { orc as runOrc, startCommand, type OrcOptions, type Ran } from './run-orc.ts'

const TALKER = 'echo "line one"; echo "line two"; printf "\\033[31mred\\033[0m\\n"; exec sleep 300'
const NUMBERED = 'echo "run $(date +%N)"; exec sleep 300'

let controller: Orc
/** Free a moment ago; the service that declares it never binds it. */
const fixedPort = await freePort()

beforeAll(async () => {
  controller = await startOrc({
    manifests: {
      'talker.yaml': agent('talker', TALKER),
      'worker.yaml': agent('worker', NUMBERED, '  replicas: 2\n'),
      'fixed.yaml': agent('fixed', 'exec sleep 300', `  ports: [{name: http, port: ${String(fixedPort)}}]\n`),
      'idle.yaml': agent('idle', 'exec sleep 300', '  replicas: 0\n'),
    },
  })
  await ready('talker', 1)
  await ready('worker', 2)
})

afterAll(() => controller.stop())

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => {
        resolve(port)
      })
    })
  })
}

function agent(name: string, script: string, more = ''): string {
  const argv = JSON.stringify(['sh', '-c', script])
  return `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}}\nspec:\n  command: ${argv}\n${more}`
}

function orc(argv: readonly string[], options: OrcOptions = {}): Promise<Ran> {
  return runOrc(argv, { env: { ORC_STATE_DIR: controller.stateDir }, ...options })
}

function read(name: string): Promise<AgentService> {
  return controller.client.get<AgentService>(RESOURCES.agentservices, name, 'default')
}

function ready(name: string, count: number): Promise<true> {
  return controller.waitFor(`${name} to have ${String(count)} ready`, async () => {
    const { status, metadata } = await read(name).catch(() => ({ status: undefined, metadata: undefined }))
    const isJudged = status?.observedGeneration === metadata?.generation
    return (isJudged && status?.readyReplicas === count && status.replicas === count) || undefined
  })
}

async function pidsOf(name: string): Promise<number[]> {
  const { items } = await controller.client.list<Pod>(RESOURCES.pods, {
    namespace: 'default',
    labelSelector: `orc.dev/service=${name}`,
  })
  return items.flatMap(({ status }) => status.orc.pid ?? [])
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${String(pid)}`)

describe('logs', () => {
  test('shows what a service wrote, made harmless', async () => {
    await controller.waitFor('the log', async () => (await orc(['logs', 'talker'])).stdout.includes('red') || undefined)
    expect(await orc(['logs', 'talker'])).toEqual({ code: 0, stdout: 'line one\nline two\nred\n', stderr: '' })
    expect((await orc(['logs', 'talker', '--raw'])).stdout).toContain('\u001b[31mred')
    expect((await orc(['logs', 'talker-0', '--tail', '1'])).stdout).toBe('red\n')
    expect((await orc(['logs', 'pod/talker-0', '--tail=2'])).stdout).toBe('line two\nred\n')
  })

  test('marks the lines of several replicas', async () => {
    const { stdout } = await orc(['logs', 'worker'])
    expect(stdout).toMatch(/^\[worker-0\] run \d+\n\[worker-1\] run \d+\n$/)
  })

  test('goes on across a restart of the process, and has what was before', async () => {
    const following = startCommand(['logs', 'worker-0', '-f'], { env: { ORC_STATE_DIR: controller.stateDir } })
    await controller.waitFor('the first run', () => /^run \d+\n$/.test(following.stdout()) || undefined)
    const [pid] = await pidsOf('worker')
    process.kill(pid ?? 0, 'SIGKILL')
    await controller.waitFor('the second run', () => /^run \d+\nrun \d+\n$/.test(following.stdout()) || undefined)
    following.interrupt()
    const { code, stdout, stderr } = await following.ended
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' })
    const previous = await orc(['logs', 'worker-0', '--previous'])
    expect(previous.stdout).toBe(`${stdout.split('\n')[0] ?? ''}\n`)
    await ready('worker', 2)
    // The other replica had no run before: that is said, and does not hide the log of the first.
    const both = await orc(['logs', 'worker', '--previous'])
    expect(both.code).toBe(1)
    expect(both.stdout).toBe(`[worker-0] ${previous.stdout}`)
    expect(both.stderr).toMatch(/^error: .*worker-1.*\n$/)
  })

  test('says why there is none', async () => {
    expect(await orc(['logs', 'talkr'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: there is no service "talkr" in namespace default; did you mean "talker"?\n',
    })
    expect((await orc(['logs', 'idle'])).stderr).toBe(
      'error: service "idle" has no replicas (spec.replicas is 0), so there is no log\n',
    )
    expect((await orc(['logs', 'pod/nobody-0'])).stderr).toBe(
      'error: there is no pod "nobody-0" in namespace default\n',
    )
    expect((await orc(['logs', 'talker', '--previous'])).code).toBe(1)
  })
})

describe('scale', () => {
  test('changes the file by its number, and processes come and go', async () => {
    const file = path.join(controller.manifestsDir, 'worker.yaml')
    const before = await readFile(file, 'utf8')
    expect(await orc(['scale', 'agentservice/worker', '--replicas', '3'])).toEqual({
      code: 0,
      stdout: 'agentservice.orc.dev/worker scaled\n',
      stderr: '',
    })
    expect(await readFile(file, 'utf8')).toBe(before.replace('replicas: 2', 'replicas: 3'))
    await ready('worker', 3)
    const pids = await pidsOf('worker')
    expect(pids.filter(isAlive)).toHaveLength(3)
    await orc(['scale', 'as', 'worker', '--replicas=2'])
    await ready('worker', 2)
    expect(await readFile(file, 'utf8')).toBe(before)
    await controller.waitFor('one process to end', () => pids.filter(isAlive).length === 2 || undefined)
  })

  test('says why a service cannot have more', async () => {
    const { code, stderr } = await orc(['scale', 'fixed', '--replicas', '2'])
    expect(code).toBe(1)
    expect(stderr).toContain(`two replicas cannot share port ${String(fixedPort)}`)
    expect((await read('fixed')).spec.replicas).toBe(1)
  })
})

describe('restart', () => {
  test('replaces every process and goes on after a name that is not there', async () => {
    const before = await pidsOf('worker')
    const { code, stdout, stderr } = await orc(['restart', 'wrker', 'worker'])
    expect(code).toBe(1)
    expect(stdout).toBe('agentservice.orc.dev/worker restarted\n')
    expect(stderr).toBe('error: there is no service "wrker" in namespace default; did you mean "worker"?\n')
    await controller.waitFor('new processes', async () => {
      const now = await pidsOf('worker')
      return (now.length === 2 && now.every((pid) => !before.includes(pid))) || undefined
    })
    await controller.waitFor('the old ones to end', () => !before.some(isAlive) || undefined)
    expect((await read('worker')).metadata.annotations?.[RESTARTED_AT]).toMatch(/^\d{4}-/)
    await ready('worker', 2)
  })
})

describe('stop and start', () => {
  test('end the process for a while, say why, and let it run again', async () => {
    const [pid = 0] = await pidsOf('talker')
    const nowMs = Date.now()
    const until = new Date(Math.ceil((nowMs + 5_400_000) / 1000) * 1000).toISOString().replace('.000Z', 'Z')
    expect(await orc(['stop', 'talker', '--reason', 'the API is down', '--for', '1h30m'], { nowMs })).toEqual({
      code: 0,
      stdout: `agentservice.orc.dev/talker stopped until ${until}\n`,
      stderr: '',
    })
    await controller.waitFor('its end', () => !isAlive(pid) || undefined)
    await controller.waitFor(
      'the status',
      async () => /^talker +0\/1 +Stopped /m.test((await orc(['get', 'as'])).stdout) || undefined,
    )
    expect((await orc(['describe', 'as', 'talker'])).stdout).toMatch(/^Mode: +Stopped: the API is down \(until /m)
    expect((await orc(['restart', 'talker'])).stdout).toContain('is stopped; "orc start" lets it run')
    expect((await orc(['start', 'talker'])).stdout).toBe('agentservice.orc.dev/talker started\n')
    await ready('talker', 1)
    const { spec } = await read('talker')
    expect(spec.operatingMode).toBe('Running')
    expect(spec).not.toHaveProperty('operatingModeReason')
    expect(spec).not.toHaveProperty('operatingModeUntil')
    const [next = 0] = await pidsOf('talker')
    expect(isAlive(next)).toBe(true)
  })
})
