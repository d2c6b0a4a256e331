/** Trees of every kind, each in a service of its own: once it is deleted, nothing of it is alive after its grace and a second. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import path from 'node:path'
import { RESOURCES } from '@orc/schemas'
import { expect, test } from 'vitest'
import { MOCK_AGENT } from './fixtures/mock-agent.ts'
import { KERNEL_CAN } from './kernel-can.ts'
import { absent, current, get, manifest, pidOf, start } from './one-orc.ts'

const GRACE_MS = 1000
/** A second is the promise; beside other tests on a busy host there is room for more. */
const MARGIN_MS = process.env['ORC_TEST_LONG'] === undefined ? 5000 : 1000

const ZOMBIES =
  'import os,time\nfor _ in range(500):\n  if os.fork() == 0: os._exit(0)\nopen("zombies.made", "w").close()\ntime.sleep(1e6)\n'

function agent(name: string, env: Readonly<Record<string, string>>): string {
  const variables = Object.entries({ ...env, MOCK_DIR: '.' }).map(([key, value]) => ({ name: key, value }))
  return manifest(name, MOCK_AGENT, `  env: ${JSON.stringify(variables)}\n  terminationGracePeriodSeconds: 1\n`)
}

/** By name: the manifest, and how many processes are alive in it. */
const ZOO: Readonly<Record<string, readonly [string, number]>> = {
  forks: [agent('forks', { MOCK_FORK: '5' }), 6],
  daemons: [agent('daemons', { MOCK_SETSID: '3' }), 4],
  wiped: [agent('wiped', { MOCK_SETSID: '3', MOCK_WIPE: '1' }), 4],
  reborn: [agent('reborn', { MOCK_REEXEC: '1', MOCK_TITLE: '1', MOCK_SETSID: '2' }), 3],
  deaf: [agent('deaf', { MOCK_IGNORE_TERM: '1', MOCK_FORK: '2', MOCK_SETSID: '2' }), 5],
  stopped: [agent('stopped', { MOCK_IGNORE_TERM: '1', MOCK_FORK: '2', MOCK_SETSID: '1' }), 4],
  zombies: [manifest('zombies', ['python3', '-c', ZOMBIES], '  terminationGracePeriodSeconds: 1\n'), 1],
}

interface Process {
  readonly pid: number
  readonly state: string
  readonly parent: number
}

function processes(): readonly Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [state = '', parent] =
          readFileSync(`/proc/${name}/stat`, 'latin1')
            .split(/\) (?=[A-Z])/)
            .at(-1)
            ?.split(' ') ?? []
        return [{ pid: Number(name), state, parent: Number(parent) }]
      } catch {
        return []
      }
    })
}

const isAlive = ({ state }: Process): boolean => state !== 'Z' && state !== 'X'

/** The log of a run is the output of all that it started: here it stands for the tree, with or without cgroups. */
function treeOf(main: number): ReadonlySet<number> {
  const log = outputOf(main)
  const found = processes().filter((each) => isAlive(each) && outputOf(each.pid) === log)
  return new Set(found.map(({ pid }) => pid))
}

function outputOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${String(pid)}/fd/1`)
  } catch {
    return undefined
  }
}

const zombiesOf = (main: number): number =>
  processes().filter(({ parent, state }) => parent === main && state === 'Z').length

const CASES = [
  ['where cgroups hold them', [], KERNEL_CAN],
  ['without cgroups', ['--enforcement', 'Sampled'], true],
] as const

for (const [where, args, isPossible] of CASES)
  test.skipIf(!isPossible)(`${where}, all of a deleted tree is gone`, { timeout: 60_000 }, async () => {
    const manifests = Object.fromEntries(Object.entries(ZOO).map(([name, [text]]) => [`${name}.yaml`, text]))
    const { client, dir, waitFor } = await start({ manifests, args })
    const trees = new Map<string, ReadonlySet<number>>()
    for (const [name, [, size]] of Object.entries(ZOO)) {
      const main = await pidOf(name)
      const tree = await waitFor(`${String(size)} processes of ${name}`, () => {
        const found = treeOf(main)
        return found.size === size ? found : undefined
      })
      trees.set(name, tree)
    }
    await waitFor('the zombies', () => existsSync(path.join(dir, 'zombies.made')) || undefined)
    // The last of them take a moment to die after they were made.
    const keeper = await pidOf('zombies')
    await waitFor('all of them to be dead', () => zombiesOf(keeper) === 500 || undefined)
    for (const pid of trees.get('stopped') ?? []) process.kill(pid, 'SIGSTOP')

    const sinceMs = performance.now()
    await Promise.all([...trees.keys()].map((name) => client.delete(RESOURCES.agentservices, name, 'default')))
    const tookMs = new Map<string, number>()
    await waitFor('all trees to be gone', () => {
      const alive = new Set(
        processes()
          .filter(isAlive)
          .map(({ pid }) => pid),
      )
      for (const [name, tree] of trees)
        if (!tookMs.has(name) && [...tree].every((pid) => !alive.has(pid)))
          tookMs.set(name, performance.now() - sinceMs)
      return tookMs.size === trees.size || undefined
    })
    for (const [name, ms] of tookMs) expect(ms, name).toBeLessThan(GRACE_MS + MARGIN_MS)
    await waitFor('the services to be gone', async () => {
      const left = await Promise.all([...trees.keys()].map((name) => get(name).catch(absent)))
      return left.every((service) => service === undefined) || undefined
    })
    expect(current().log()).not.toContain('Unkillable')
  })
