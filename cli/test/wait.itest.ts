import { RESOURCES } from '@orc/schemas'
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOrc, type Orc } from '../../controller/test/harness.ts'
import { orc as runOrc, startCommand, type Ran, type Running } from './run-orc.ts'

let controller: Orc

beforeAll(async () => {
  controller = await startOrc({ manifests: { 'steady.yaml': agent('steady'), 'other.yaml': agent('other') } })
})

afterAll(async () => {
  await controller.stop()
})

function agent(name: string): string {
  return `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}, labels: {team: a}}\nspec:\n  command: [sleep, "300"]\n`
}

function orc(argv: readonly string[]): Promise<Ran> {
  return runOrc(argv, { env: { ORC_STATE_DIR: controller.stateDir } })
}

function start(argv: readonly string[]): Running {
  return startCommand(argv, { env: { ORC_STATE_DIR: controller.stateDir } })
}

const MET = { code: 0, stderr: '' }

test('what is so already is met at once, of names and of labels', async () => {
  const ready = ['--for=condition=Ready', '--timeout', '20s']
  expect(await orc(['wait', 'steady', ...ready])).toEqual({
    ...MET,
    stdout: 'agentservice.orc.dev/steady condition met\n',
  })
  expect(await orc(['wait', 'pods', '-l', 'orc.dev/service=steady', ...ready])).toEqual({
    ...MET,
    stdout: 'pod/steady-0 condition met\n',
  })
})

test('what does not come about is named when the time is over', async () => {
  expect(await orc(['wait', 'as', 'steady', '--for=condition=Stalled', '--timeout', '1s'])).toEqual({
    code: 1,
    stdout: '',
    stderr: 'error: timed out waiting for the condition on agentservices/steady\n',
  })
  expect(await orc(['wait', 'as', 'nobody', '--for=condition=Ready'])).toEqual({
    code: 1,
    stdout: '',
    stderr: 'error: agentservices.orc.dev "nobody" not found\n',
  })
  expect((await orc(['wait', 'as', '-l', 'team=b', '--for=condition=Ready'])).stderr).toBe(
    'error: no matching resources found\n',
  )
})

test('an object may be waited for until it is there, and until it is gone', async () => {
  const target = path.join(controller.manifestsDir, 'late.yaml')
  const creation = start(['wait', 'late', '--for=create'])
  await writeFile(target, agent('late'))
  expect(await creation.ended).toEqual({ ...MET, stdout: 'agentservice.orc.dev/late condition met\n' })
  const deletion = start(['wait', 'as/late', '--for=delete'])
  await orc(['delete', 'as', 'late'])
  expect(await deletion.ended).toEqual({ ...MET, stdout: 'agentservice.orc.dev/late condition met\n' })
  expect(await orc(['wait', 'as/late', '--for=delete'])).toEqual({ ...MET, stdout: '' })
  await rm(target, { force: true })
})

test('a pod that came again under its name was deleted', async () => {
  const waiting = start(['wait', 'pod/steady-0', '--for=delete', '--timeout', '20s'])
  await orc(['restart', 'steady'])
  expect(await waiting.ended).toEqual({ ...MET, stdout: 'pod/steady-0 condition met\n' })
})

test('a controller that dies and comes again ends nobody’s waiting, and is not taken for a deletion', async () => {
  const gone = start(['wait', 'pod/steady-0', 'as/steady', '--for=delete', '--timeout', '60s'])
  // It says nothing while it waits; two commands later, one after the other, it does.
  await orc(['annotate', 'as', 'other', 'go=yes'])
  const goal = "--for=jsonpath={.metadata.annotations['go']}=yes"
  const ready = start(['wait', 'as', 'steady', 'other', goal, '--timeout', '60s'])
  await controller.waitFor('the first of them', () => ready.stdout().includes('other condition met') || undefined)
  await controller.kill()
  await controller.waitFor('a word of it', () => ready.stderr().includes('trying again') || undefined)
  await controller.restart()
  await controller.client.patch(RESOURCES.agentservices, 'steady', 'default', {
    metadata: { annotations: { go: 'yes' } },
  })
  const { code, stdout } = await ready.ended
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'agentservice.orc.dev/other condition met\nagentservice.orc.dev/steady condition met\n',
  })
  expect(gone.stdout()).toBe('')
  gone.interrupt()
  expect((await gone.ended).code).toBe(130)
})
