import { RESOURCES, type KubeObject } from '@orc/schemas'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOrc, type Orc } from '../../controller/test/harness.ts'
import { orc as runOrc, type OrcOptions, type Ran } from './run-orc.ts'

let controller: Orc
let outside: string

beforeAll(async () => {
  outside = await mkdtemp(path.join(os.tmpdir(), 'orc-cli-'))
  await mkdir(path.join(outside, 'set'))
  controller = await startOrc({ manifests: { 'mine.yaml': `# mine\n${agent('mine')}---\n${agent('both')}` } })
  await controller.waitFor('mine', async () => (await names()).includes('mine') || undefined)
})

afterAll(async () => {
  await rm(outside, { recursive: true, force: true })
  await controller.stop()
})

function agent(name: string, labels = '{team: a}'): string {
  return `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}, labels: ${labels}}\nspec:\n  command: [sleep, "300"]\n`
}

const held = (kind: string, name: string): string =>
  `apiVersion: v1\nkind: ${kind}\nmetadata: {name: ${name}, labels: {team: a}}\n`

function orc(argv: readonly string[], options: OrcOptions = {}): Promise<Ran> {
  return runOrc(argv, { cwd: outside, env: { ORC_STATE_DIR: controller.stateDir }, ...options })
}

async function names(): Promise<string[]> {
  const kinds = [RESOURCES.agentservices, RESOURCES.configmaps, RESOURCES.secrets]
  const lists = await Promise.all(kinds.map((kind) => controller.client.list<KubeObject>(kind)))
  return lists.flatMap(({ items }) => items.map(({ metadata }) => metadata.name)).toSorted()
}

const save = (name: string, text: string): Promise<void> => writeFile(path.join(outside, 'set', name), text)
const drop = (name: string): Promise<void> => rm(path.join(outside, 'set', name))

test('what was applied and is in no file any more goes, after a yes; nothing else does', async () => {
  await save('web.yaml', agent('web'))
  await save('gone.yaml', agent('gone'))
  await save('both.yaml', agent('both'))
  await save('other.yaml', agent('other', '{team: b}'))
  await save(
    'settings.yaml',
    `${held('ConfigMap', 'settings')}data: {A: b}\n---\n${held('Secret', 'token')}stringData: {A: b}\n`,
  )
  expect(await orc(['apply', '-f', 'set'])).toMatchObject({ code: 0, stderr: '' })
  expect((await orc(['apply', '-f', 'set', '--dry-run=server'])).stdout).toContain('web unchanged (server dry run)\n')
  await drop('gone.yaml')
  await drop('both.yaml')
  await drop('other.yaml')
  await drop('settings.yaml')
  const before = await names()

  const command = ['apply', '-f', 'set', '--prune', '-l', 'team=a']
  const doomed = ['agentservice.orc.dev/both', 'agentservice.orc.dev/gone', 'configmap/settings', 'secret/token']
  const dry = await orc([...command, '--dry-run=client'])
  expect(dry.stdout.split('\n').slice(1, -1)).toEqual(doomed.map((name) => `${name} pruned (dry run)`))
  const unasked = await orc(command)
  expect(unasked.code).toBe(1)
  expect(unasked.stderr).toContain('give --yes to do it')
  const refused = await orc(command, { stdin: '\n', isTerminal: true })
  expect(refused.stderr).toContain('  agentservice.orc.dev/both in namespace default (in mine.yaml)\n')
  expect(refused.stderr).toContain(
    '  agentservice.orc.dev/gone in namespace default (in default/gone.agentservice.yaml)\n',
  )
  expect(refused.code).toBe(1)
  expect(await names()).toEqual(before)

  const ran = await orc(command, { stdin: 'yes\n', isTerminal: true })
  expect(ran.stdout.split('\n').slice(1, -1)).toEqual(doomed.map((name) => `${name} pruned`))
  expect(ran.code).toBe(0)
  await controller.waitFor('them to go', async () => !(await names()).includes('gone') || undefined)
  expect(await names()).toEqual(['mine', 'other', 'web'])
  const mine = await readFile(path.join(controller.manifestsDir, 'mine.yaml'), 'utf8')
  expect(mine).toContain(`# mine\n${agent('mine')}`)
  expect(mine).not.toContain('both')
  expect(await readFile(path.join(controller.manifestsDir, 'default/web.agentservice.yaml'), 'utf8')).not.toContain(
    'appliedBy',
  )
})

test('the mark outlives an edit of the file and the controller, and with a mistake nothing is pruned', async () => {
  const file = path.join(controller.manifestsDir, 'default/other.agentservice.yaml')
  await writeFile(file, (await readFile(file, 'utf8')).replace('300', '301'))
  await controller.kill()
  await controller.restart()
  await controller.waitFor('other', async () => (await names()).includes('other') || undefined)
  await save('bad.yaml', 'kind: Nothing\n')
  const bad = await orc(['apply', '-f', 'set', '--prune', '--all', '--yes'])
  expect(bad.code).toBe(1)
  expect(bad.stderr).toContain('error: nothing is pruned, because not everything could be applied\n')
  expect(await names()).toContain('other')
  await drop('bad.yaml')
  const ran = await orc(['apply', '-f', 'set', '--prune', '--all', '--yes'])
  expect(ran.stdout).toContain('agentservice.orc.dev/other pruned\n')
  await controller.waitFor('it to go', async () => !(await names()).includes('other') || undefined)
  expect(await names()).toEqual(['mine', 'web'])
})
