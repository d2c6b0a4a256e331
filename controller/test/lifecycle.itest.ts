/** Init commands and hooks of real processes, with the controller killed while they run: nothing twice, nothing left. */
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { RESOURCES, type AgentService, type KubeEvent, type Pod } from '@orc/schemas'
import { startOrc, type Orc } from './harness.ts'

const KILLS = process.env['ORC_TEST_LONG'] === undefined ? 10 : 50

let orc: Orc | undefined

afterEach(async () => {
  await orc?.stop()
  orc = undefined
})

const shell = (text: string): string[] => ['/bin/sh', '-c', text]

/** It writes down that it began, and the signal that it hears. */
const MAIN = shell(
  `trap 'echo term >>"$DIR/trace"; exit 0' TERM; echo main >>"$DIR/trace"; while :; do sleep 0.05; done`,
)

function manifest(dir: string, spec: Partial<AgentService['spec']>): string {
  return JSON.stringify({
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'AgentService',
    metadata: { name: 'agent' },
    spec: {
      command: MAIN,
      env: [{ name: 'DIR', value: dir }],
      terminationGracePeriodSeconds: 10,
      backoff: { initialSeconds: 1, factor: 1, maxSeconds: 1, jitterPercent: 0 },
      ...spec,
    },
  })
}

async function declare(current: Orc, spec: Partial<AgentService['spec']>): Promise<void> {
  await writeFile(path.join(current.manifestsDir, 'agent.yaml'), manifest(current.dir, spec))
}

function trace(current: Orc, name = 'trace'): string[] {
  const file = path.join(current.dir, name)
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
}

const until = (current: Orc, what: string, look: () => boolean): Promise<true> =>
  current.waitFor(what, () => look() || undefined)

const readyReason = async (current: Orc): Promise<string> => {
  const service = await current.client
    .get<AgentService>(RESOURCES.agentservices, 'agent', 'default')
    .catch(() => undefined)
  return service?.status?.conditions?.find(({ type }) => type === 'Ready')?.reason ?? ''
}

const isReady = async (current: Orc): Promise<true | undefined> => (await readyReason(current)) === 'Ready' || undefined

async function events(current: Orc, reason: string): Promise<string[]> {
  const { items } = await current.client.list<KubeEvent>(RESOURCES.events)
  return items.filter((event) => event.reason === reason).map(({ message }) => message)
}

test(
  `an init command runs once for each revision over ${String(KILLS)} killed controllers, whenever they die`,
  async () => {
    const current = (orc = await startOrc())
    // The lines are written in the middle, so that a killed controller has every chance to repeat them.
    const initCommands = (revision: number): NonNullable<AgentService['spec']['initCommands']> => [
      {
        name: 'migrate',
        command: shell(`sleep 0.7; echo migrate ${String(revision)} >>"$DIR/init"; sleep 0.7`),
      },
      { name: 'seed', command: shell(`echo seed ${String(revision)} >>"$DIR/init"`) },
    ]
    const revisions = Math.ceil(KILLS / 5)
    let kills = 0
    for (let revision = 1; revision <= revisions; revision += 1) {
      await declare(current, { replicas: 2, initCommands: initCommands(revision) })
      for (let kill = 0; kill < 5; kill += 1) {
        await new Promise((resolve) => setTimeout(resolve, (kills * 37) % 230))
        await current.kill()
        await new Promise((resolve) => setTimeout(resolve, (kills * 53) % 150))
        await current.restart()
        kills += 1
      }
      await until(current, `revision ${String(revision)} to be initialised`, () =>
        trace(current, 'init').includes(`seed ${String(revision)}`),
      )
      await current.waitFor('both replicas to be ready', () => isReady(current))
    }
    const expected = Array.from({ length: revisions }, (_, index) => [
      `migrate ${String(index + 1)}`,
      `seed ${String(index + 1)}`,
    ]).flat()
    expect(trace(current, 'init')).toEqual(expected)
    console.log(`${String(kills)} controllers killed: ${String(expected.length)} init commands, each once`)
  },
  60_000 + KILLS * 6000,
)

test('a command for every start runs before each, and one that fails is tried again and says why', async () => {
  const current = (orc = await startOrc())
  await declare(current, {
    command: shell('echo main >>"$DIR/trace"; test $(wc -l <"$DIR/trace") -ge 5 && exec sleep 1000; exit 3'),
    initCommands: [
      { name: 'each', command: shell('echo each >>"$DIR/trace"'), when: 'EveryStart' },
      {
        name: 'once',
        command: shell('echo once >>"$DIR/once"; test -e "$DIR/open" || { echo the door is shut; exit 1; }'),
      },
    ],
  })
  const why = await current.waitFor('the replica to say why', async () => {
    const pod = await current.client.get<Pod>(RESOURCES.pods, 'agent-0', 'default').catch(() => undefined)
    const waiting = pod?.status?.containerStatuses?.[0]?.state?.waiting
    return waiting?.reason === 'InitFailed' ? waiting.message : undefined
  })
  expect(why).toContain(
    'The init command once failed. The process exited with code 1. Its last line: "the door is shut".',
  )
  expect(trace(current)).toEqual(['each'])
  await until(current, 'the command to be tried again', () => trace(current, 'once').length >= 3)
  await writeFile(path.join(current.dir, 'open'), '')
  await current.waitFor('the replica to be ready', () => isReady(current))
  await until(current, 'the process to be started again', () => trace(current).length === 6)
  expect(trace(current)).toEqual(['each', 'main', 'each', 'main', 'each', 'main'])
  expect((await events(current, 'InitFailed'))[0]).toContain('the door is shut')
  // History has the ends of the process, and those of no command beside it.
  const exitCodes = await current.waitFor('both ends to be remembered', async () => {
    const { items } = await current.client.serviceRuns('default', 'agent')
    return items.length >= 2 ? items.map(({ exitCode }) => exitCode) : undefined
  })
  expect(exitCodes).toEqual([3, 3])
  expect((await current.client.serviceFailures('default', 'agent')).items.map(({ count }) => count)).toEqual([2])
})

test('preStop runs once and before the signal, though the controller dies while it runs', async () => {
  const current = (orc = await startOrc())
  const preStop = shell('echo drain >>"$DIR/trace"; sleep 1; echo drained >>"$DIR/trace"')
  await declare(current, { lifecycle: { preStop: { exec: { command: preStop } } } })
  await current.waitFor('the replica to be ready', () => isReady(current))
  rmSync(path.join(current.manifestsDir, 'agent.yaml'))
  await until(current, 'preStop to run', () => trace(current).includes('drain'))
  for (let kill = 0; kill < 3; kill += 1) {
    await current.kill()
    await current.restart()
  }
  await until(current, 'the process to hear the signal', () => trace(current).includes('term'))
  expect(trace(current)).toEqual(['main', 'drain', 'drained', 'term'])
  const runs = path.join(current.stateDir, 'runs/default/agent')
  await until(current, 'every trace to be gone', () => !existsSync(runs) || readdirSync(runs).length === 0)
})

test('a preStop that fails, or that is late, holds nothing up and is told', async () => {
  const current = (orc = await startOrc())
  await declare(current, { lifecycle: { preStop: { exec: { command: shell('echo no way out; exit 4') } } } })
  await current.waitFor('the replica to be ready', () => isReady(current))
  // The process has the hook of its own revision.
  await declare(current, {
    lifecycle: { preStop: { exec: { command: ['./nowhere.sh'] } } },
  })
  await until(current, 'the process to be replaced', () => trace(current).length === 3)
  expect(trace(current)).toEqual(['main', 'term', 'main'])
  await current.waitFor('the replica to be ready', () => isReady(current))
  await declare(current, {
    lifecycle: { preStop: { exec: { command: shell('sleep 1000 & setsid sleep 1000 & wait') }, timeoutSeconds: 1 } },
  })
  await until(current, 'the process to be replaced again', () => trace(current).length === 5)
  await current.waitFor('the replica to be ready', () => isReady(current))
  const beganMs = performance.now()
  await declare(current, {
    operatingMode: 'Stopped',
    lifecycle: { preStop: { exec: { command: shell('sleep 1000 & setsid sleep 1000 & wait') }, timeoutSeconds: 1 } },
  })
  await until(current, 'the process to hear the signal', () => trace(current).length === 6)
  expect(performance.now() - beganMs).toBeGreaterThan(1000)
  expect(performance.now() - beganMs).toBeLessThan(9000)
  const told = await current.waitFor('all of it to be told', async () => {
    const messages = await events(current, 'PreStopFailed')
    return messages.length >= 3 ? messages.join('\n') : undefined
  })
  expect(told).toContain('The process exited with code 4. Its last line: "no way out".')
  expect(told).toContain('nowhere.sh does not exist')
  expect(told).toContain('It did not end in its time.')
  // stop() of the harness finds what the hook left behind.
})

test('a replica is ready when postStart has ended, and a failing postStart ends the process', async () => {
  const current = (orc = await startOrc())
  const command = shell('echo greet >>"$DIR/greet"; test -e "$DIR/open" || { echo not yet; exit 1; }; sleep 0.5')
  await declare(current, { lifecycle: { postStart: { exec: { command } } } })
  await until(current, 'the process to be started again', () => trace(current).length >= 5)
  await current.waitFor('it to be told', async () => {
    const messages = await events(current, 'PostStartFailed')
    return messages.some((message) => message.startsWith('The postStart command failed.')) || undefined
  })
  expect(await readyReason(current)).not.toBe('Ready')
  await writeFile(path.join(current.dir, 'open'), '')
  await current.waitFor('the replica to be ready', () => isReady(current))
  const greeted = trace(current, 'greet').length
  expect(trace(current).filter((line) => line === 'main')).toHaveLength(greeted)
  await current.kill()
  await current.restart()
  await current.waitFor('the replica to be ready', () => isReady(current))
  expect(trace(current, 'greet')).toHaveLength(greeted)
})
