import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOrc, type Orc } from '../../controller/test/harness.ts'
import { orc as runOrc, type Ran } from './run-orc.ts'

let controller: Orc

beforeAll(async () => {
  controller = await startOrc({ manifests: { 'ten.yaml': configMap('set-10'), 'nine.yaml': configMap('set-9') } })
  await controller.waitFor('both', async () => (await orc(['get', 'cm'])).stdout.split('\n').length === 4 || undefined)
})

afterAll(async () => {
  await controller.stop()
})

function configMap(name: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {team: a}}\ndata: {name: ${name}}\n`
}

function orc(argv: readonly string[]): Promise<Ran> {
  return runOrc(argv, { env: { ORC_STATE_DIR: controller.stateDir } })
}

test('get says what a JSONPath or columns ask for', async () => {
  const argv = ['get', 'cm', '-l', 'team=a', '--sort-by=.metadata.name', '-o']
  expect(await orc([...argv, String.raw`jsonpath={range .items[*]}{.data.name}{"\n"}{end}`])).toEqual({
    code: 0,
    stdout: 'set-9\nset-10\n',
    stderr: '',
  })
  expect((await orc([...argv, 'custom-columns=N:.metadata.name,T:.metadata.labels.team'])).stdout).toBe(
    'N        T\nset-9    a\nset-10   a\n',
  )
  expect((await orc(['get', 'cm', 'set-9', '-o', 'jsonpath={.metadata.namespace}'])).stdout).toBe('default')
})

test('get selects by field, and shows labels without a head', async () => {
  const { stdout } = await orc([
    'get',
    'cm',
    '--field-selector',
    'metadata.name=set-9',
    '--no-headers',
    '--show-labels',
  ])
  expect(stdout).toMatch(/^set-9 +1 +\d+s +team=a\n$/)
  const refused = await orc(['get', 'cm', '--field-selector', 'spec.x=1'])
  expect(refused).toMatchObject({ code: 1, stdout: '' })
  expect(refused.stderr).toContain('spec.x')
})
