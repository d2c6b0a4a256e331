import { RESOURCES, type AgentService } from '@orc/schemas'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startOrc, type Orc } from '../../controller/test/harness.ts'
import { orc as runOrc, type OrcOptions, type Ran } from './run-orc.ts'

let controller: Orc

beforeAll(async () => {
  controller = await startOrc({ manifests: { 'web.yaml': agent('web'), 'cron.yaml': agent('cron') } })
  await controller.waitFor('both', async () => {
    const { items } = await controller.client.list<AgentService>(RESOURCES.agentservices)
    return items.length === 2 || undefined
  })
})

afterAll(async () => {
  await controller.stop()
})

function agent(name: string): string {
  return `# ${name}\napiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}, labels: {team: a}}\nspec:\n  command: [sleep, "300"]\n`
}

function orc(argv: readonly string[], { env = {}, ...options }: OrcOptions = {}): Promise<Ran> {
  return runOrc(argv, { cwd: controller.dir, env: { ORC_STATE_DIR: controller.stateDir, ...env }, ...options })
}

function read(name: string): Promise<AgentService> {
  return controller.client.get<AgentService>(RESOURCES.agentservices, name, 'default')
}

describe('label and annotate', () => {
  test('set, keep and remove in kubectl’s words, in the manifest', async () => {
    expect(await orc(['label', 'as', 'web', 'stage=test'])).toEqual({
      code: 0,
      stdout: 'agentservice.orc.dev/web labeled\n',
      stderr: '',
    })
    expect(await readFile(path.join(controller.manifestsDir, 'web.yaml'), 'utf8')).toMatch(
      /^# web\n(.*\n)*.*stage: test/,
    )
    expect((await orc(['label', 'web', 'stage=test'])).stdout).toBe('agentservice.orc.dev/web not labeled\n')
    expect(await orc(['label', 'web', 'stage=live'])).toEqual({
      code: 1,
      stdout: '',
      stderr: "error: agentservice.orc.dev/web: 'stage' already has a value (test), and --overwrite is false\n",
    })
    await orc(['label', 'web', 'stage=live', '--overwrite'])
    expect((await orc(['label', 'web', '--list'])).stdout).toBe('team=a\nstage=live\n')
    expect((await orc(['label', 'web', 'stage-'])).stdout).toBe('agentservice.orc.dev/web unlabeled\n')
    expect((await read('web')).metadata.labels).toEqual({ team: 'a' })
  })

  test('take all objects of a kind, or those with a label', async () => {
    const { stdout } = await orc(['annotate', 'as', '--all', 'note=by night'])
    expect(stdout.split('\n').toSorted().join(' ')).toBe(
      ' agentservice.orc.dev/cron annotated agentservice.orc.dev/web annotated',
    )
    await orc(['annotate', 'as', '-l', 'team=a', 'note-', 'nothing-'])
    expect((await read('cron')).metadata.annotations?.['note']).toBeUndefined()
    expect(await orc(['annotate', 'as', '-l', 'team=b', 'note=x'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: no matching resources found\n',
    })
  })

  test('pass on what the server refuses', async () => {
    const { code, stderr } = await orc(['label', 'pod', 'web-0', 'stage=x'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: pod\/web-0: .+\n$/)
  })
})
