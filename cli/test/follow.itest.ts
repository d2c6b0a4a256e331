import { RESOURCES, type Pod } from '@orc/schemas'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOrc, type Orc } from '../../controller/test/harness.ts'
import { orc as runOrc, startCommand, type Ran, type Running } from './run-orc.ts'

let controller: Orc

/** The same word again and again, and a number now and then: lines that differ only by their place. */
const TICKER = 'n=0; while :; do n=$((n+1)); echo tick; [ $((n % 5)) = 0 ] && echo "at $n"; sleep 0.05; done'

beforeAll(async () => {
  controller = await startOrc({
    manifests: {
      'ticker.yaml': agent('ticker', TICKER),
      'worker.yaml': agent('worker', 'echo "I am $ORC_REPLICA"; exec sleep 300', '  replicas: 1\n'),
    },
  })
  await controller.waitFor('logs', async () => (await orc('logs', 'ticker')).stdout.includes('at 5') || undefined)
})

afterAll(async () => {
  await controller.stop()
})

function agent(name: string, script: string, more = ''): string {
  const argv = JSON.stringify(['sh', '-c', script])
  return `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}, labels: {team: a}}\nspec:\n  command: ${argv}\n${more}`
}

function orc(...argv: readonly string[]): Promise<Ran> {
  return runOrc(argv, { env: { ORC_STATE_DIR: controller.stateDir } })
}

function start(...argv: readonly string[]): Running {
  return startCommand(argv, { env: { ORC_STATE_DIR: controller.stateDir } })
}

/** Of the newest run of the ticker, as its process wrote it. */
async function newestLog(): Promise<string> {
  const service = path.join(controller.stateDir, 'runs/default/ticker')
  const [replica = ''] = (await readdir(service)).filter((name) => name.startsWith('0-'))
  const runs = (await readdir(path.join(service, replica))).map(Number).filter((seq) => seq > 0)
  return readFile(path.join(service, replica, String(Math.max(...runs)), 'log'), 'utf8')
}

const lastNumber = (text: string): number => Number([...text.matchAll(/^at (\d+)$/gm)].at(-1)?.[1] ?? 0)

test('times, lengths and labels choose what is shown', async () => {
  expect((await orc('logs', 'ticker', '--tail', '1', '--timestamps')).stdout).toMatch(
    /^\d{4}-\d\d-\d\dT[\d:.]+Z (tick|at \d+)\n$/,
  )
  expect((await orc('logs', 'ticker', '--limit-bytes', '9')).stdout).toBe('tick\ntick')
  expect((await orc('logs', 'ticker', '--since-time', '2099-01-01T00:00:00Z')).stdout).toBe('')
  expect((await orc('logs', 'ticker', '--since', '1h')).stdout).toContain('at 5\n')
  expect((await orc('logs', '-l', 'orc.dev/service=ticker', '--tail', '2')).stdout.trimEnd().split('\n')).toHaveLength(
    2,
  )
  expect((await orc('logs', 'ticker', '--until', '1h')).stdout).toBe('')
  expect(
    (await orc('logs', 'ticker', '--until', '2099-01-01T00:00:00Z', '--grep', 'at 5', '--limit-bytes', '5')).stdout,
  ).toBe('at 5\n')
  expect((await orc('logs', 'ticker', '--level', 'trace')).stdout).toBe('')
  expect((await orc('logs', '-l', 'team=b')).stderr).toBe('error: no pod in namespace default has the labels team=b\n')
})

test('a controller that dies and comes again costs no line and doubles none', async () => {
  const following = start('logs', 'ticker', '-f')
  const reaches = (count: number) =>
    controller.waitFor(`${String(count)} ticks`, () => lastNumber(following.stdout()) >= count || undefined, 30_000)
  await reaches(20)
  for (const stop of ['kill', 'end']) {
    const before = lastNumber(following.stdout())
    if (stop === 'kill') await controller.kill()
    await controller.restart()
    await reaches(before + 40)
  }
  following.interrupt()
  const { code, stdout, stderr } = await following.ended
  expect(code).toBe(130)
  expect(stderr).toMatch(/; trying again\n/)
  const lines = stdout.trimEnd().split('\n')
  const whole = (await orc('logs', 'ticker')).stdout.split('\n').slice(0, lines.length)
  expect(lines).toEqual(whole)
}, 60_000)

test('a process that ends while the controller is away loses no line either', async () => {
  const following = start('logs', 'ticker', '-f', '--tail', '0')
  await controller.waitFor('a first line', () => lastNumber(following.stdout()) > 0 || undefined)
  const pod = await controller.client.get<Pod>(RESOURCES.pods, 'ticker-0', 'default')
  await controller.kill()
  const before = lastNumber(following.stdout())
  await controller.waitFor(
    'lines that nobody reads',
    async () => lastNumber(await newestLog()) > before + 10 || undefined,
  )
  process.kill(-(pod.status.orc.pid ?? 0), 'SIGKILL')
  await controller.restart()
  await controller.waitFor('the next run', () => /^at 5$/m.test(following.stdout()) || undefined, 30_000)
  following.interrupt()
  const lines = (await following.ended).stdout.trimEnd().split('\n')
  const [previous, present] = [await orc('logs', 'ticker', '--previous'), await orc('logs', 'ticker')]
  const next = lines.indexOf('at 5')
  const end = previous.stdout.trimEnd().split('\n')
  expect(lines.slice(0, next - 5)).toEqual(end.slice(-(next - 5)))
  expect(lines.slice(next - 5)).toEqual(present.stdout.split('\n').slice(0, lines.length - next + 5))
}, 60_000)

test('replicas that come later are followed too, and the end of the service ends it', async () => {
  const following = start('logs', 'worker', '-f')
  await controller.waitFor('the first', () => /I am/.test(following.stdout()) || undefined)
  const scaled = await orc('scale', 'worker', '--replicas', '2')
  expect(scaled).toMatchObject({ code: 0, stderr: '' })
  await controller.waitFor('the second', () => /^\[worker-1\] I am/m.test(following.stdout()) || undefined)
  await controller.client.delete(RESOURCES.agentservices, 'worker', 'default')
  expect((await following.ended).code).toBe(0)
})
