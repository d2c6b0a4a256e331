/** `orc rollout` against a real controller: what it shows, and what it writes into the manifest. */
import { findCondition, RESOURCES, type AgentService, type Pod } from '@orc/schemas'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startOrc, type Orc } from '../../controller/test/harness.ts'
import { orc as runOrc, startCommand, type Ran } from './run-orc.ts'

let controller: Orc

afterEach(() => controller.stop())

const orc = (...argv: readonly string[]): Promise<Ran> => runOrc(argv, { env: { ORC_STATE_DIR: controller.stateDir } })
const file = (): string => path.join(controller.manifestsDir, 'web.yaml')
const text = (): Promise<string> => readFile(file(), 'utf8')
const service = (): Promise<AgentService> =>
  controller.client.get<AgentService>(RESOURCES.agentservices, 'web', 'default')

const FIRST = `# What we run.
apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata: {name: web}
spec:
  command: [sh, -c, 'echo "$VERSION"; test "$VERSION" != bad && exec sleep 300; exit 3']  # no shell needed, really
  env:
    # Ask Ann before you change it.
    - {name: VERSION, value: one}
  replicas: 2  # enough
  backoff: {initialSeconds: 1, factor: 1, maxSeconds: 1, jitterPercent: 0}
  terminationGracePeriodSeconds: 2
  updateStrategy: {minReadySeconds: 1}
`
const SECOND = FIRST.replace('value: one}', 'value: two}').replace('  replicas', '  workingDir: .  # here\n  replicas')

async function begin(content = FIRST): Promise<void> {
  controller = await startOrc({ manifests: { 'web.yaml': content } })
  await rolledOut()
}

/** Saves it, and waits until it was seen. */
async function save(content: string): Promise<void> {
  const { generation = 0 } = (await service()).metadata
  await writeFile(file(), content)
  await controller.waitFor('the file to be loaded', async () =>
    ((await service()).metadata.generation ?? 0) > generation ? true : undefined,
  )
}

async function rolledOut(): Promise<Ran> {
  const ran = await orc('rollout', 'status', 'web', '--timeout', '30s')
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  expect(ran.stdout).toMatch(/agentservice "web" successfully rolled out\n$/)
  return ran
}

async function versions(): Promise<string[]> {
  const { items } = await controller.client.list<Pod>(RESOURCES.pods, { namespace: 'default' })
  const logs = await Promise.all(items.map(({ metadata }) => orc('logs', metadata.name)))
  return logs.map(({ stdout }) => stdout.trim())
}

test('history has each revision, and undo brings the file back as it was', async () => {
  await begin()
  expect(await text()).toBe(FIRST)
  await save(SECOND)
  const { stdout: progress } = await rolledOut()
  expect(progress).toContain('Waiting for agentservice "web" rollout to finish: ')
  await save(SECOND.replace('two', 'three'))
  await rolledOut()
  const { stdout: history } = await orc('rollout', 'history', 'agentservice/web')
  expect(history).toMatch(
    /^agentservice.orc.dev\/web\nREVISION +STATE +AGE +CHANGES +MESSAGE\n1 +Proven +\d+s +<none>\n2 +Proven +\d+s +workingDir,env\n3 +InForce +\d+s +env\n$/,
  )
  const { stdout: one } = await orc('rollout', 'history', 'web', '--revision', '2')
  expect(one).toContain('agentservice.orc.dev/web with revision #2\n')
  expect(one).toContain('value: two')
  expect(one).not.toContain('replicas')
  expect(await orc('rollout', 'history', 'web', '--revision=9')).toMatchObject({
    code: 1,
    stderr: 'error: unable to find the specified revision\n',
  })
  expect(await orc('rollout', 'undo', 'web')).toEqual({
    code: 0,
    stdout: 'agentservice.orc.dev/web rolled back\n',
    stderr: '',
  })
  expect(await text()).toBe(SECOND)
  await rolledOut()
  expect(await versions()).toEqual(['two', 'two'])
  expect((await orc('rollout', 'undo', 'web', '--to-revision', '1')).stdout).toContain('rolled back')
  expect(await text()).toBe(FIRST)
  await rolledOut()
  expect(await versions()).toEqual(['one', 'one'])
  // It came into force again, as a new number of the same object.
  const { stdout: table } = await orc('get', 'controllerrevisions')
  expect(table).toMatch(/^web-[0-9a-f]{16} +web +5 +InForce /m)
  expect((await orc('rollout', 'undo', 'web', '--to-revision', '5')).stdout).toBe(
    'agentservice.orc.dev/web skipped rollback (current template already matches revision 5)\n',
  )
})

test('a rollout that fails ends with 1 and the reason, and undo makes the file say what runs', async () => {
  await begin()
  await save(FIRST.replace('value: one}', 'value: bad}'))
  const { code, stderr } = await orc('rollout', 'status', 'web', '--timeout', '40s')
  expect(stderr).toMatch(
    /^error: agentservice "web" was rolled back: Revision 2 failed: The process exited with code 3 .* correct it, or try it again with "orc restart web"\.\n$/,
  )
  expect(code).toBe(1)
  const { stdout: history } = await orc('rollout', 'history', 'web')
  expect(history).toMatch(/^2 +Rejected .* The process exited with code 3/m)
  expect((await orc('describe', 'agentservice', 'web')).stdout).toMatch(
    /^Revision: +\d \([0-9a-f]{16}\), in force for .*\nRollout: +was rolled back\nRejected: +2 \(.*: The process exited with code 3/m,
  )
  await controller.kill()
  await controller.restart()
  expect((await orc('rollout', 'undo', 'web')).stdout).toBe('agentservice.orc.dev/web rolled back\n')
  expect(await text()).toBe(FIRST)
  await rolledOut()
  expect(findCondition((await service()).status?.conditions, 'Accepted')?.status).toBe('True')
})

test('undo goes on when the controller is killed in the middle', async () => {
  await begin()
  await save(SECOND)
  await rolledOut()
  await orc('rollout', 'undo', 'web')
  await controller.kill()
  await controller.restart()
  await rolledOut()
  expect(await text()).toBe(FIRST)
  expect(await versions()).toEqual(['one', 'one'])
})

test('pause and resume write the file, and status waits for nothing that is paused', async () => {
  await begin()
  expect((await orc('rollout', 'resume', 'web')).stderr).toBe('error: agentservices.orc.dev "web" is not paused\n')
  expect(await orc('rollout', 'pause', 'web')).toEqual({
    code: 0,
    stdout: 'agentservice.orc.dev/web paused\n',
    stderr: '',
  })
  const paused = await text()
  expect(paused).toBe(FIRST.replace('{minReadySeconds: 1}', '{minReadySeconds: 1, paused: true}'))
  expect(await orc('rollout', 'pause', 'agentservice', 'web')).toMatchObject({
    code: 1,
    stderr: 'error: agentservices.orc.dev "web" is already paused\n',
  })
  await save(paused.replace('value: one}', 'value: two}'))
  expect(await orc('rollout', 'status', 'web')).toMatchObject({
    code: 1,
    stderr: 'error: agentservice "web" is paused; "orc rollout resume web" lets it go on\n',
  })
  expect(await versions()).toEqual(['one', 'one'])
  expect((await orc('rollout', 'restart', 'web')).stdout).toContain('is paused')
  expect((await orc('rollout', 'resume', 'web')).stdout).toBe('agentservice.orc.dev/web resumed\n')
  await rolledOut()
  expect(await versions()).toEqual(['two', 'two'])
})

test('status goes on over a restart of the controller, and says when time is over', async () => {
  await begin()
  await save(
    FIRST.replace('  backoff', '  readinessProbe: {exec: {command: ["false"]}}\n  backoff').replace('one}', 'two}'),
  )
  const timedOut = await orc('rollout', 'status', 'web', '--timeout', '1s')
  expect(timedOut.code).toBe(1)
  expect(timedOut.stderr).toMatch(/^error: timed out waiting for the condition on agentservices\/web: /)
  const following = startCommand(['rollout', 'status', 'web'], { env: { ORC_STATE_DIR: controller.stateDir } })
  await controller.waitFor('the first line', () => following.stdout() !== '' || undefined)
  await controller.kill()
  await controller.restart()
  await save(FIRST.replace('one}', 'three}'))
  const ended = await following.ended
  expect(ended.code).toBe(0)
  expect(ended.stdout).toMatch(/successfully rolled out\n$/)
  expect((await orc('rollout', 'status', 'wbe')).stderr).toBe(
    'error: there is no service "wbe" in namespace default; did you mean "web"?\n',
  )
})
