import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOrc, type Orc } from '../../controller/test/harness.ts'
import { orc as runOrc, startCommand, type Ran } from './run-orc.ts'

let controller: Orc

beforeAll(async () => {
  controller = await startOrc({
    manifests: {
      'steady.yaml': agent('steady', ['sleep', '300']),
      'crash.yaml': agent('crash', ['sh', '-c', 'exit 7']),
    },
  })
})

afterAll(async () => {
  await controller.stop()
})

function agent(name: string, command: readonly string[]): string {
  return `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}}\nspec: {command: ${JSON.stringify(command)}}\n`
}

function orc(...argv: readonly string[]): Promise<Ran> {
  return runOrc(argv, { env: { ORC_STATE_DIR: controller.stateDir } })
}

test('events tell what happened to services and their replicas', async () => {
  const warning = await controller.waitFor('a warning', async () => {
    const { stdout } = await orc('events', '--types', 'Warning')
    return stdout.includes('crash-0') ? stdout : undefined
  })
  expect(warning).toMatch(/^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n/)
  expect(warning).not.toMatch(/Normal/)
  const own = await orc('events', 'steady', '--no-headers')
  expect(own.code).toBe(0)
  expect(own.stdout).toMatch(/ pod\/steady-0 /)
  expect(own.stdout).not.toMatch(/crash/)
  expect((await orc('events', '-n', 'empty')).stderr).toBe('No resources found in namespace empty.\n')
})

test('describe ends with the last of them', async () => {
  expect((await orc('describe', 'pod', 'crash-0')).stdout).toMatch(/\nEvents\n +LAST SEEN .*\n(.*\n)* .* pod\/crash-0 /)
  expect((await orc('describe', 'as', 'crash')).stdout).toMatch(/\nEvents\n(.*\n)*.* pod\/crash-0 /)
})

test('a watch shows what comes', async () => {
  const watching = startCommand(['events', 'steady', '-w'], { env: { ORC_STATE_DIR: controller.stateDir } })
  await controller.waitFor('the head', () => watching.stdout().includes('LAST SEEN') || undefined)
  const before = watching.stdout().length
  await orc('restart', 'steady')
  await controller.waitFor('news', () => / pod\/steady-0 /.test(watching.stdout().slice(before)) || undefined)
  watching.interrupt()
  expect((await watching.ended).code).toBe(130)
  expect(watching.stdout()).not.toContain('crash')
})
