import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../src/clock.ts'
import { LocalRuntime } from '../src/runtime/local/local-runtime.ts'
import type { ObservedRun, RunOrder, SlotRef, StartResult } from '../src/runtime/runtime.ts'
import { MOCK_AGENT, MockDirectory } from './fixtures/mock-agent.ts'
import { poll, processesWith } from './harness.ts'
import { runtimeContract, type RuntimeWorld } from './runtime-contract.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

runtimeContract('processes', () => makeProcesses())
// The same where nothing can be made: then the kernel is not asked.
runtimeContract('processes in cgroups', () => makeProcesses(`orc-test-${String(process.pid)}`))

function ignores(pid: number, signal: number): boolean {
  const [, mask = '0'] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'latin1')) ?? []
  return (BigInt(`0x${mask}`) & (1n << BigInt(signal - 1))) !== 0n
}

async function makeProcesses(cgroupName?: string): Promise<RuntimeWorld> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'orc-contract-'))
  const make = async (): Promise<LocalRuntime> => {
    const made = new LocalRuntime({
      stateDir: dir,
      portRange: { first: 31_000, last: 31_100 },
      clock: systemClock,
      log: silent,
      ...(cgroupName !== undefined && { cgroupName }),
    })
    await made.adopt()
    return made
  }
  const life = `while [ ! -e ${dir}/exit.$ORC_RUN_ID ]; do sleep 0.02; done; exit $(cat ${dir}/exit.$ORC_RUN_ID)`
  let current = await make()
  return {
    get runtime() {
      return current
    },
    command: ['sh', '-c', life],
    deafCommand: () => ['sh', '-c', `trap '' TERM; ${life}`],
    isDeaf: (pid) => ignores(pid, os.constants.signals.SIGTERM),
    hearingCommand: () => ['sh', '-c', `trap : HUP; ${life}`],
    impossibleCommand: () => ['no-such-program'],
    // It passes by itself.
    claim: () => undefined,
    exit(ref, exitCode) {
      const run = current.observe(ref).flatMap(({ runs }) => runs)
      const runId = run.find((one) => one.ref.seq === ref.seq)?.record.runId ?? ''
      // Whole at once: the process may look at any moment.
      writeFileSync(path.join(dir, `${runId}.tmp`), String(exitCode))
      renameSync(path.join(dir, `${runId}.tmp`), path.join(dir, `exit.${runId}`))
    },
    async takeOver() {
      await current.close()
      current = await make()
    },
    async close() {
      await current.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

const slot: SlotRef = { namespace: 'default', name: 'worker', uid: '3f2a9c1e-0000-4000-8000-000000000000', ordinal: 0 }

let stateDir: string
let runtime: LocalRuntime
let others: LocalRuntime[]

function newRuntime(): LocalRuntime {
  const first = 31_500 + Math.floor(Math.random() * 100) * 10
  return new LocalRuntime({ stateDir, portRange: { first, last: first + 50 }, clock: systemClock, log: silent })
}

/** What a killed controller leaves: nobody watches, the runs go on. */
async function takeOver(): Promise<void> {
  await runtime.close()
  others.push(runtime)
  runtime = newRuntime()
  await runtime.adopt()
}

beforeEach(async () => {
  stateDir = await mkdtemp(path.join(os.tmpdir(), 'orc-runtime-'))
  others = []
  runtime = newRuntime()
  await runtime.adopt()
})

afterEach(async () => {
  for (const run of runs()) {
    runtime.stop(run.ref, { reason: 'Stopped', signal: 'SIGKILL', graceMs: 0 })
    await phase('Ended', run.ref.seq)
  }
  const left = processesWith(new Set(runs().map((run) => run.record.runId)))
  await runtime.close()
  await rm(stateDir, { recursive: true, force: true })
  expect(left).toEqual([])
})

function order(command: readonly string[], more: Partial<RunOrder> = {}): RunOrder {
  return {
    slot,
    incarnation: 1,
    restartCount: 0,
    failures: 0,
    revision: 'r1',
    restartedAt: '',
    command,
    workingDir: stateDir,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    ports: [],
    stopSignal: 'SIGTERM',
    graceMs: 5000,
    ...more,
  }
}

function runs(): readonly ObservedRun[] {
  return runtime.observe(slot).flatMap((observed) => observed.runs)
}

function phase(wanted: ObservedRun['phase'], seq = runs().at(-1)?.ref.seq): Promise<ObservedRun> {
  return poll(
    `run ${String(seq)} to be ${wanted}`,
    () => runs().find((run) => run.ref.seq === seq && run.phase === wanted),
    10_000,
    () => JSON.stringify(runs(), null, 1),
  )
}

async function start(command: readonly string[], more: Partial<RunOrder> = {}): Promise<void> {
  expect(await runtime.start(order(command, more))).toMatchObject({ ok: true })
}

const sh = (script: string): readonly string[] => ['sh', '-c', script]
const logOf = (run: ObservedRun): Promise<string> =>
  readFile(path.join(stateDir, 'runs/default/worker/0-3f2a9c1e', String(run.ref.seq), 'log'), 'utf8')

describe('a run', () => {
  test.each([0, 1, 7, 125, 126, 127, 255])('that exits with %i is recorded with that code', async (code) => {
    await start(sh(`echo bye; exit ${String(code)}`))
    const run = await phase('Ended')
    expect(run.end).toMatchObject({ exitCode: code, reason: 'Exited', message: 'bye' })
  })

  test.each([
    ['KILL', 9],
    ['TERM', 15],
    ['SEGV', 11],
    ['INT', 2],
  ] as const)('ended by SIG%s is recorded with its signal', async (name, signal) => {
    await start(sh(`kill -${name} $$; sleep 60`))
    expect((await phase('Ended')).end).toMatchObject({ exitCode: 128 + signal, signal, reason: 'Killed' })
  })

  test('leads its own session, and a SIGKILL to the whole group is recorded as 137', async () => {
    await start(sh('sleep 300'))
    const { pid } = await phase('Running')
    await poll(
      'the session',
      async () => (await readFile(`/proc/${String(pid)}/stat`, 'latin1')).split(' ')[5] === String(pid) || undefined,
    )
    process.kill(-Number(pid), 'SIGKILL')
    expect((await phase('Ended')).end).toMatchObject({ exitCode: 137, signal: 9 })
  })

  test('gets its environment, its working directory and no other variable', async () => {
    await start(sh('env; pwd'), { env: { PATH: '/usr/bin:/bin', TEXT: `it's\n"$HOME" \\ ünï`, EMPTY: '' } })
    const run = await phase('Ended')
    const text = await logOf(run)
    expect(text).toContain(`TEXT=it's\n"$HOME" \\ ünï\n`)
    expect(text).toContain(`ORC_RUN_ID=${run.record.runId}\n`)
    expect(text).toContain(`${stateDir}\n`)
    const names = [...text.matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1])
    expect(names.toSorted()).toEqual(['EMPTY', 'ORC_RUN_ID', 'PATH', 'PWD', 'TEXT'])
  })

  test('has its allocated port in PORT and keeps it across restarts', async () => {
    const ports = [
      { name: 'http', port: 0 },
      { name: 'admin-api', port: 0 },
    ]
    await start(sh('echo $PORT $PORT_HTTP $PORT_ADMIN_API'), { ports })
    const first = await phase('Ended')
    const [http, admin] = first.record.ports.map(({ port }) => port)
    expect(await logOf(first)).toBe(`${String(http)} ${String(http)} ${String(admin)}\n`)
    await start(sh('true'), { ports })
    expect((await phase('Ended', 2)).record.ports).toEqual(first.record.ports)
  })

  test('does not inherit ignored signals', async () => {
    await start(sh('grep -E "^Sig(Ign|Blk)" /proc/self/status'))
    expect(await logOf(await phase('Ended'))).toMatch(/SigBlk:\t0+\nSigIgn:\t0+\n/)
  })
})

describe('a start', () => {
  test('is refused with a sentence when the program is nowhere', async () => {
    expect(await runtime.start(order(['no-such-program']))).toMatchObject({
      ok: false,
      reason: 'StartFailed',
      message: expect.stringContaining('not in the PATH') as string,
    })
    expect(await runtime.start(order(['./missing.sh']))).toMatchObject({
      ok: false,
      message: expect.stringContaining('does not exist') as string,
    })
    await writeFile(path.join(stateDir, 'plain.txt'), 'x')
    expect(await runtime.start(order(['./plain.txt']))).toMatchObject({
      ok: false,
      message: expect.stringContaining('not executable') as string,
    })
    expect(await runtime.start(order(['true'], { workingDir: '/no/such/dir' }))).toMatchObject({
      ok: false,
      message: expect.stringContaining('does not exist') as string,
    })
    expect(runs()).toEqual([])
  })

  test('whose spawner was killed is called off and leaves a record', async () => {
    await start(['true'])
    await phase('Ended')
    const spawner = await poll('the spawner', async () => {
      const children = await readFile(`/proc/self/task/${String(process.pid)}/children`, 'utf8')
      return children
        .trim()
        .split(' ')
        .map(Number)
        .find((pid) => existsSync(`/proc/${String(pid)}`))
    })
    process.kill(spawner, 'SIGSTOP')
    await start(['true'])
    process.kill(spawner, 'SIGKILL')
    expect((await phase('Ended', 2)).end).toMatchObject({ reason: 'Cancelled', exitCode: -1 })
    await start(sh('exit 3'))
    expect((await phase('Ended', 3)).end).toMatchObject({ exitCode: 3 })
  })
})

describe('a stop', () => {
  test('sends the signal to the whole group and keeps the reason', async () => {
    await start(sh('trap "exit 4" TERM; echo up; sleep 300 & wait'))
    const run = await phase('Running')
    await poll('the trap', async () => (await logOf(run)).includes('up') || undefined)
    runtime.stop(run.ref, { reason: 'SpecChanged', signal: 'SIGTERM', graceMs: 5000 })
    runtime.stop(run.ref, { reason: 'Stopped', signal: 'SIGTERM', graceMs: 5000 })
    expect((await phase('Ended')).end).toMatchObject({ exitCode: 4, reason: 'SpecChanged' })
  })

  test('reaches a stopped process', async () => {
    await start(['sleep', '300'])
    const run = await phase('Running')
    process.kill(run.pid ?? 0, 'SIGSTOP')
    runtime.stop(run.ref, { reason: 'Stopped', signal: 'SIGTERM', graceMs: 5000 })
    expect((await phase('Ended')).end).toMatchObject({ exitCode: 143, reason: 'Stopped' })
  })

  test('that is ignored is followed by a kill, which ends the group', async () => {
    await start(sh('trap "" TERM; echo deaf; while :; do sleep 0.1; done'))
    const run = await phase('Running')
    await poll('the trap', async () => (await logOf(run)).includes('deaf') || undefined)
    runtime.stop(run.ref, { reason: 'Stopped', signal: 'SIGTERM', graceMs: 100 })
    runtime.kill(run.ref)
    expect((await phase('Ended')).end).toMatchObject({ exitCode: 137, reason: 'Stopped' })
  })

  test('leaves no descendant that ran away into another session', async () => {
    await start(sh('setsid sh -c "sleep 301" & echo $!; wait'))
    const run = await phase('Running')
    await poll('the child', async () => (await logOf(run)).endsWith('\n') || undefined)
    runtime.stop(run.ref, { reason: 'Stopped', signal: 'SIGKILL', graceMs: 0 })
    await phase('Ended')
    expect(processesWith(new Set([run.record.runId]))).toEqual([])
  })
})

describe('what a run leaves behind', () => {
  const mock = (knobs: Readonly<Record<string, string>>): Partial<RunOrder> => ({
    command: MOCK_AGENT,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', MOCK_DIR: stateDir, ...knobs },
  })

  test.each([
    ['in its group', { MOCK_FORK: '2' }],
    ['in sessions of their own', { MOCK_SETSID: '2' }],
    ['in sessions of their own and without an environment', { MOCK_SETSID: '2', MOCK_WIPE: '1' }],
    [
      'of a process that hides its environment',
      { MOCK_SETSID: '1', MOCK_FORK: '1', MOCK_TITLE: '1', MOCK_REEXEC: '1' },
    ],
  ])('descendants %s, is gone when the run has ended', async (_, knobs) => {
    await start(MOCK_AGENT, mock({ ...knobs, MOCK_EXIT_CODE: '3', MOCK_EXIT_AFTER_MS: '200' }))
    expect((await phase('Ended')).end).toMatchObject({ exitCode: 3, reason: 'Exited' })
    expect(await readFile(path.join(stateDir, 'children'), 'utf8')).toMatch(/^\d+ \d+\n/)
    expect(new MockDirectory(stateDir).alive).toEqual([])
  })

  test('a forced stop takes it too, and is recorded as 137', async () => {
    await start(MOCK_AGENT, mock({ MOCK_SETSID: '2', MOCK_WIPE: '1', MOCK_FORK: '1', MOCK_IGNORE_TERM: '1' }))
    const run = await phase('Running')
    await poll('the descendants', () => new MockDirectory(stateDir).alive.length === 4 || undefined)
    runtime.stop(run.ref, { reason: 'Stopped', signal: 'SIGTERM', graceMs: 100 })
    runtime.kill(run.ref)
    expect((await phase('Ended')).end).toMatchObject({ exitCode: 137, signal: 9, reason: 'Stopped' })
    expect(new MockDirectory(stateDir).alive).toEqual([])
  })

  test('an orphan that shows its marker only after its run has ended is swept at the next start', async () => {
    await start(['true'])
    const { record } = await phase('Ended')
    const orphan = spawn('sleep', ['300'], { env: { ORC_RUN_ID: record.runId }, stdio: 'ignore', detached: true })
    const decoy = spawn('sleep', ['300'], { env: { ORC_RUN_ID: `${record.runId}0` }, stdio: 'ignore', detached: true })
    await takeOver()
    await once(orphan, 'exit')
    expect(decoy.exitCode).toBeNull()
    decoy.kill('SIGKILL')
    expect(orphan.signalCode).toBe('SIGKILL')
  })
})

describe('a shim', () => {
  test('that was stopped writes the exit once its process is dead', async () => {
    await start(['sleep', '300'])
    const { pid = 0 } = await phase('Running')
    const [, , shim = 0] = (await readFile(path.join(stateDir, 'runs/default/worker/0-3f2a9c1e/1/pid'), 'utf8'))
      .split(' ')
      .map(Number)
    process.kill(shim, 'SIGSTOP')
    process.kill(pid, 'SIGKILL')
    expect((await phase('Ended')).end).toMatchObject({ exitCode: 137, reason: 'Killed' })
  })
})

describe('a port that is taken', () => {
  const fixed = (port: number): Partial<RunOrder> => ({ ports: [{ name: 'http', port }] })

  test('refuses the start and names who holds it', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const result = await runtime.start(order(['true'], fixed(port)))
    server.close()
    expect(result).toMatchObject({ ok: false, reason: 'PortConflict' })
    expect(!result.ok && result.message).toMatch(
      new RegExp(
        `^Port ${String(port)} \\(http\\) is taken by process ${String(process.pid)} \\(.*node.*\\)\\. End it, or`,
      ),
    )
  })

  test('by another service names the service', async () => {
    const { first } = await freePort()
    await start(MOCK_AGENT, {
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', MOCK_READY_AFTER_MS: '1' },
      ...fixed(first),
    })
    const conflict = (): Promise<StartResult> =>
      runtime.start(order(['true'], { slot: { ...slot, name: 'second' }, ...fixed(first) }))
    await poll('the agent to listen', async () => !(await isFree(first)) || undefined)
    const result = await conflict()
    expect(!result.ok && result.message).toContain(`is taken by the service default/worker, process `)
  })

  async function freePort(): Promise<{ first: number }> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    return { first: port }
  }

  async function isFree(port: number): Promise<boolean> {
    const socket = connect({ port, host: '127.0.0.1' })
    const taken = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    return !taken
  }
})

describe('adoption', () => {
  test('keeps the process, sees its exit and knows the code', async () => {
    await start(sh('echo one; while [ ! -e go ]; do sleep 0.05; done; exit 9'))
    const before = await phase('Running')
    await takeOver()
    expect(runs()).toMatchObject([{ phase: 'Running', pid: before.pid }])
    await writeFile(path.join(stateDir, 'go'), '')
    expect((await phase('Ended')).end).toMatchObject({ exitCode: 9, reason: 'Exited' })
  })

  test('finds an exit of the time when nobody watched', async () => {
    await start(sh('while [ ! -e go ]; do sleep 0.02; done; exit 6'))
    await phase('Running')
    await runtime.close()
    await writeFile(path.join(stateDir, 'go'), '')
    await poll(
      'the exit file',
      () => existsSync(path.join(stateDir, 'runs/default/worker/0-3f2a9c1e/1/exit')) || undefined,
    )
    runtime = newRuntime()
    await runtime.adopt()
    expect((await phase('Ended')).end).toMatchObject({ exitCode: 6 })
  })

  test('keeps a process whose shim was killed, and says Unknown when it ends', async () => {
    await start(['sleep', '300'])
    const run = await phase('Running')
    const [, , shim] = (await readFile(path.join(stateDir, 'runs/default/worker/0-3f2a9c1e/1/pid'), 'utf8'))
      .split(' ')
      .map(Number)
    process.kill(shim ?? 0, 'SIGKILL')
    await takeOver()
    expect(runs()).toMatchObject([{ phase: 'Running', pid: run.pid }])
    process.kill(run.pid ?? 0, 'SIGKILL')
    expect((await phase('Ended')).end).toMatchObject({ exitCode: -1, reason: 'ExitCodeUnknown' })
  })

  test('never takes another process of the same pid for the run', async () => {
    await start(['sleep', '300'])
    await phase('Running')
    const file = path.join(stateDir, 'runs/default/worker/0-3f2a9c1e/1/pid')
    const original = await readFile(file, 'utf8')
    await runtime.close()
    const [pid, start1, , shimStart] = original.trim().split(' ')
    // This very process, under a start time that is not its own.
    await rm(file)
    await writeFile(file, `${String(process.pid)} ${String(start1)} ${String(process.ppid)} ${String(shimStart)}9\n`)
    runtime = newRuntime()
    await runtime.adopt()
    expect((await phase('Ended')).end).toMatchObject({ reason: 'ExitCodeUnknown' })
    // The sweep found the real one by its marker.
    await poll('the real process to be gone', () => !existsSync(`/proc/${String(pid)}`) || undefined)
  })

  test('knows that a run of an earlier boot is over', async () => {
    await start(['sleep', '300'])
    await phase('Running')
    const spec = path.join(stateDir, 'runs/default/worker/0-3f2a9c1e/1/spec.json')
    const record = await readFile(spec, 'utf8')
    await runtime.close()
    await writeFile(spec, record.replace(/"bootId":"[^"]+"/, '"bootId":"another"'))
    runtime = newRuntime()
    await runtime.adopt()
    expect((await phase('Ended')).end).toMatchObject({ exitCode: -1, reason: 'HostReboot' })
    await writeFile(spec, record)
    await rm(path.join(path.dirname(spec), 'final'))
    await takeOver()
    await phase('Running')
  })
})
