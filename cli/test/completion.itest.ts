import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOrc, type Orc } from '../../controller/test/harness.ts'

const PROGRAM = path.resolve(import.meta.dirname, '../dist/orc.js')
const run = promisify(execFile)

let controller: Orc

beforeAll(async () => {
  controller = await startOrc({ manifests: { 'a.yaml': agent('web'), 'b.yaml': agent('worker') } })
  await mkdir(path.join(controller.dir, 'bin'))
  await symlink(PROGRAM, path.join(controller.dir, 'bin/orc'))
  const { stdout } = await run(process.execPath, [PROGRAM, 'completion', 'bash'])
  await writeFile(path.join(controller.dir, 'completion.bash'), stdout)
})

afterAll(async () => {
  await controller.stop()
})

function agent(name: string): string {
  return `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}, namespace: default}\nspec: {command: [sleep, "300"]}\n`
}

/** What a real bash offers for the line; the last word is the one that is being typed. */
async function complete(...words: readonly string[]): Promise<readonly string[]> {
  const line = ['orc', ...words].map((word) => `'${word}'`).join(' ')
  const script = `source ${controller.dir}/completion.bash
COMP_WORDS=(${line}); COMP_CWORD=${String(words.length)}; _orc; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await run('bash', ['--norc', '-c', script], {
    env: {
      PATH: `${controller.dir}/bin:${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      ORC_STATE_DIR: controller.stateDir,
    },
  })
  return stdout.split('\n').filter((word) => word !== '')
}

test('bash completes commands, flags, kinds and shells', async () => {
  expect(await complete('des')).toEqual(['describe'])
  expect(await complete('get', '--out')).toEqual(['--output'])
  expect(await complete('get', '-o', 'yaml', 'conf')).toEqual(['configmap', 'configmaps'])
  expect(await complete('completion', '')).toEqual(['bash', 'zsh', 'fish'])
})

test('bash completes names of what is there', async () => {
  await controller.waitFor('both', async () => (await complete('describe', 'as', '')).length === 2 || undefined)
  expect(await complete('describe', 'as', 'we')).toEqual(['web'])
  expect(await complete('restart', 'web', '')).toEqual(['worker'])
  expect(await complete('rollout', 'un')).toEqual(['undo'])
  expect(await complete('rollout', 'undo', 'we')).toEqual(['web'])
  expect(await complete('get', 'agentservice/wo')).toEqual(['agentservice/worker'])
  expect(await complete('get', 'as', '-n', 'elsewhere', '')).toEqual([])
  expect(await complete('get', 'as', '-n', 'def')).toEqual(['default'])
})
