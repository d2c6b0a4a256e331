import { RESOURCES, type AgentService } from '@orc/schemas'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOrc, type Orc } from '../../controller/test/harness.ts'
import { orc as runOrc, type OrcOptions, type Ran } from './run-orc.ts'

let controller: Orc

/** Takes a while to end, and says when it did. */
const SLOW = 'trap "sleep 0.4; date +%s%N > $ORC_SERVICE.end; exit 0" TERM; while :; do sleep 0.05; done'

beforeAll(async () => {
  controller = await startOrc({
    manifests: {
      'web.yaml': agent('web', '  dependsOn: [{name: api}]\n'),
      'api.yaml': agent('api', '  dependsOn: [{name: db}]\n'),
      'db.yaml': agent('db'),
      'far.yaml': agent('far').replace('name: far', 'name: far, namespace: team'),
      'off.yaml': agent('off', '  operatingMode: Stopped\n  operatingModeReason: broken\n'),
    },
  })
  await allReady()
})

afterAll(() => controller.stop())

function agent(name: string, more = ''): string {
  const argv = JSON.stringify(['sh', '-c', SLOW])
  return `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}, labels: {tier: ${name}}}\nspec:\n  command: ${argv}\n${more}`
}

function orc(argv: readonly string[], options: OrcOptions = {}): Promise<Ran> {
  return runOrc(argv, { env: { ORC_STATE_DIR: controller.stateDir }, ...options })
}

async function services(): Promise<Map<string, AgentService>> {
  const { items } = await controller.client.list<AgentService>(RESOURCES.agentservices)
  return new Map(items.map((item) => [item.metadata.name, item]))
}

async function allReady(): Promise<void> {
  await controller.waitFor('all to run', async () => {
    const now = await services()
    return ['web', 'api', 'db', 'far'].every((name) => now.get(name)?.status?.readyReplicas === 1) || undefined
  })
}

async function modes(): Promise<Record<string, string>> {
  return Object.fromEntries([...(await services())].map(([name, { spec }]) => [name, spec.operatingMode ?? '']))
}

test('nothing is changed without a yes, and where nobody can be asked it says how', async () => {
  const before = await modes()
  const ran = await orc(['stop', '--all'])
  expect(ran).toMatchObject({ code: 2, stdout: '' })
  expect(ran.stderr).toContain('There is no terminal to ask on: give --yes to do it')
  expect(ran.stderr).toMatch(/^ {2}default\/web\n {2}default\/api\n {2}default\/db\n/)
  expect(await orc(['stop', '--all'], { stdin: 'n\n', isTerminal: true })).toMatchObject({ code: 1, stdout: '' })
  expect(await modes()).toEqual(before)
  expect((await orc(['stop', '-l', 'tier=nobody'])).stderr).toBe('error: no matching resources found\n')
})

test('stop ends a service before what it depends on is asked to; start begins them again', async () => {
  const ran = await orc(['stop', '--all', '--reason', 'night'], { stdin: 'y\n', isTerminal: true })
  expect(ran.code).toBe(0)
  expect(ran.stdout).toBe(['web', 'api', 'db'].map((name) => `agentservice.orc.dev/${name} stopped\n`).join(''))
  const now = await services()
  expect(now.get('db')?.status?.replicas).toBe(0)
  expect(now.get('off')?.spec.operatingModeReason).toBe('broken')
  expect(now.get('far')?.spec.operatingMode).toBe('Running')
  const ends = await Promise.all(['web', 'api', 'db'].map(endOf))
  // A wave waits for the one before: the next one takes its 0.4 s only then.
  expect((ends[1] ?? 0) - (ends[0] ?? 0)).toBeGreaterThan(400e6)
  expect((ends[2] ?? 0) - (ends[1] ?? 0)).toBeGreaterThan(400e6)
  expect((await orc(['stop', '--all', '--yes'])).stdout).toBe('No service is left to stop.\n')

  expect((await orc(['start', '-l', 'tier!=off', '-A', '-y'])).stdout).toBe(
    ['db', 'api', 'web'].map((name) => `agentservice.orc.dev/${name} started\n`).join(''),
  )
  await allReady()
  expect((await modes())['off']).toBe('Stopped')
})

async function endOf(name: string): Promise<number> {
  return Number(await readFile(`${controller.dir}/${name}.end`, 'utf8'))
}

test('what a service depends on is left alone when it does not end in time; --no-wait does not look', async () => {
  const ran = await orc(['stop', '--all', '--yes', '--timeout', '0.1s'])
  expect(ran).toMatchObject({ code: 1, stdout: 'agentservice.orc.dev/web stopped\n' })
  expect(ran.stderr).toBe('error: web is not down yet; what it depends on is left as it is\n')
  expect(await modes()).toMatchObject({ web: 'Stopped', api: 'Running', db: 'Running' })
  const quick = await orc(['stop', '--all', '-A', '--yes', '--no-wait'])
  expect(quick.code).toBe(0)
  expect(quick.stdout).toMatch(/api stopped\n(.*\n)*.*db stopped\n/)
  await orc(['start', '-l', 'tier!=off', '-A', '--yes'])
  await allReady()
})

test('restart takes those that run', async () => {
  const ran = await orc(['restart', '--all', '--yes'])
  expect(ran.stdout).toBe(['db', 'api', 'web'].map((name) => `agentservice.orc.dev/${name} restarted\n`).join(''))
})
