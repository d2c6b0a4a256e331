/**
 * Kills controllers and shims while agents of every kind run, log and crash, and holds what an outside observer saw
 * against what orc recorded: no life beside another one of the same replica (the kernel's own lock says so), no pid
 * lost, no exit code invented, no line missing, nothing left at the end.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { RunEnd } from '../src/runtime/runtime.ts'
import { signalProcess } from '../src/runtime/local/tree.ts'
import { MOCK_AGENT, MockDirectory } from './fixtures/mock-agent.ts'
import { poll, startOrc, type Orc } from './harness.ts'

const ROUNDS = process.env['ORC_TEST_LONG'] === undefined ? 12 : 50

let orc: Orc | undefined
let directory: string | undefined

afterEach(async () => {
  await orc?.stop()
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true })
})

/** Agents that should never be restarted by what happens here. */
const STEADY: Readonly<Record<string, Record<string, string>>> = {
  plain: {},
  logger: { MOCK_LOG_PER_S: '200' },
  title: { MOCK_TITLE: '1' },
  'non-dumpable': { MOCK_NON_DUMPABLE: '1' },
  reexec: { MOCK_REEXEC: '1' },
  everything: { MOCK_REEXEC: '1', MOCK_TITLE: '1', MOCK_NON_DUMPABLE: '1', MOCK_SETSID: '1' },
}
/** Agents that crash again and again, and leave descendants that hold the lock. */
const CRASHING: Readonly<Record<string, Record<string, string>>> = {
  crash: { MOCK_EXIT_CODE: '3' },
  fork: { MOCK_EXIT_CODE: '41', MOCK_FORK: '2' },
  setsid: { MOCK_EXIT_CODE: '7', MOCK_SETSID: '2' },
  wiped: { MOCK_EXIT_CODE: '0', MOCK_SETSID: '1', MOCK_WIPE: '1' },
  'crash-reexec': { MOCK_EXIT_CODE: '5', MOCK_REEXEC: '1', MOCK_TITLE: '1', MOCK_FORK: '1' },
}

function manifest(name: string, mockDir: string, knobs: Readonly<Record<string, string>>): string {
  const env = Object.entries({ MOCK_DIR: mockDir, MOCK_LOCK: name, ...knobs }).map(([key, value]) => ({
    name: key,
    value,
  }))
  const spec = {
    command: MOCK_AGENT,
    env,
    backoff: { initialSeconds: 1, factor: 1, maxSeconds: 1, jitterPercent: 0 },
    terminationGracePeriodSeconds: 1,
  }
  return JSON.stringify({ apiVersion: 'orc.dev/v1alpha1', kind: 'AgentService', metadata: { name }, spec })
}

interface RunOnDisk {
  readonly service: string
  readonly runId: string
  readonly directory: string
  readonly shim?: { readonly pid: number; readonly startTicks: number }
  readonly end?: RunEnd
}

function runsOnDisk(stateDir: string): RunOnDisk[] {
  const services = below(path.join(stateDir, 'runs'), 2)
  return services.flatMap((service) => below(service, 2)).flatMap((at) => readRun(at) ?? [])
}

/** The directories so many levels down; old ones may vanish at any moment. */
function below(root: string, levels: number): string[] {
  if (levels === 0) return [root]
  try {
    return readdirSync(root).flatMap((name) => below(path.join(root, name), levels - 1))
  } catch {
    return []
  }
}

function readRun(at: string): RunOnDisk | undefined {
  const record = json<{ runId: string; slot: { name: string } }>(path.join(at, 'spec.json'))
  if (record === undefined) return undefined
  const [, , pid, start] = text(path.join(at, 'pid')).trim().split(' ').map(Number)
  const end = json<RunEnd>(path.join(at, 'final'))
  return {
    service: record.slot.name,
    runId: record.runId,
    directory: at,
    ...(pid === undefined || start === undefined ? {} : { shim: { pid, startTicks: start } }),
    ...(end === undefined ? {} : { end }),
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function json<T>(file: string): T | undefined {
  const content = text(file)
  return content === '' ? undefined : (JSON.parse(content) as T)
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test(
  `${String(ROUNDS)} killed controllers and as many killed shims make no second life and no wrong exit`,
  async () => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'orc-mock-'))
    const mock = new MockDirectory(directory)
    const all = { ...STEADY, ...CRASHING }
    const crashers = Object.fromEntries(
      Object.entries(CRASHING).map(([name, knobs]) => [name, { ...knobs, MOCK_EXIT_AFTER_MS: '300' }]),
    )
    const manifests = Object.fromEntries(
      Object.entries({ ...STEADY, ...crashers }).map(([name, knobs]) => [
        `${name}.yaml`,
        manifest(name, directory ?? '', knobs),
      ]),
    )
    const current = (orc = await startOrc({ manifests }))
    await poll('every agent to have started', () =>
      Object.keys(all).every((name) => mock.started.some((life) => life.name === name)) ? true : undefined,
    )
    const first = new Map(mock.started.filter(({ name }) => name in STEADY).map((life) => [life.name, life]))

    const shimKilled = new Set<string>()
    const ends = new Map<string, { readonly service: string; readonly end: RunEnd }>()
    const collect = (): readonly RunOnDisk[] => {
      const runs = runsOnDisk(current.stateDir)
      for (const { runId, service, end } of runs) if (end !== undefined) ends.set(runId, { service, end })
      return runs
    }
    const watching = setInterval(collect, 200)
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        // The shims of steady agents go in the first rounds, one each, those of crashing ones all the time.
        const steady = Object.keys(STEADY)[round - 2]
        const victims = collect().filter(({ end, shim }) => end === undefined && shim !== undefined)
        const victim =
          victims.find(({ service }) => service === steady) ?? victims.findLast(({ service }) => service in CRASHING)
        if (round % 2 === 0) await current.kill()
        if (victim?.shim !== undefined && signalProcess(victim.shim, 'SIGKILL')) shimKilled.add(victim.runId)
        await pause((round * 37) % 200)
        if (round % 2 === 1) await current.kill()
        await pause((round * 53) % 150)
        await current.restart()
        await pause((round * 71) % 400)
      }
      await pause(1500)
    } finally {
      clearInterval(watching)
    }
    collect()

    expect(mock.violations).toEqual([])
    // The same life from the beginning to the end, whoever was killed.
    for (const [name, life] of first) {
      expect(mock.started.filter((other) => other.name === name)).toEqual([life])
      expect(mock.alive).toContainEqual(expect.objectContaining({ pid: life.pid, startTicks: life.startTicks }))
    }
    // Every life of a crashing agent has one record, and its code is the one it ended with, or is said to be unknown.
    const wrong: unknown[] = []
    for (const [runId, { service, end }] of ends) {
      const meant = mock.exiting.get(runId)
      const right = end.exitCode === meant && end.reason === 'Exited'
      const unknown = end.exitCode === -1 && ['ExitCodeUnknown', 'Cancelled'].includes(end.reason)
      const mayBeUnknown = shimKilled.has(runId) || meant === undefined
      if (!right && !(unknown && mayBeUnknown)) wrong.push({ service, runId, end, meant })
    }
    expect(wrong).toEqual([])
    const crashed = [...mock.exiting.keys()].filter((runId) => !ends.has(runId))
    // The very last ones may not have been recorded yet.
    expect(crashed.length).toBeLessThanOrEqual(Object.keys(CRASHING).length)
    expect(ends.size).toBeGreaterThan(ROUNDS)
    // Of a run that was called off nobody has ever lived.
    for (const [runId, { end }] of ends)
      if (end.reason === 'Cancelled') expect(mock.started.some((life) => life.runId === runId)).toBe(false)
    // The log of the agent that never ended has every line once.
    const logger = collect().find(({ service }) => service === 'logger')
    const lines = text(path.join(logger?.directory ?? '', 'log'))
      .split('\n')
      .slice(0, -1)
    expect(lines.length).toBeGreaterThan(200)
    expect(lines).toEqual(lines.map((_, index) => `line ${String(index + 1)}`))

    await current.stop()
    orc = undefined
    expect(mock.alive).toEqual([])
    console.log(
      `${String(ROUNDS)} controllers and ${String(shimKilled.size)} shims killed: ${String(mock.started.length)} lives, ${String(ends.size)} recorded ends, ${String([...ends.values()].filter(({ end }) => end.exitCode === -1).length)} of them unknown`,
    )
  },
  ROUNDS * 10_000,
)
