/** Services that follow a ConfigMap while they live: their files change under them, and a signal says so, once. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { RESOURCES, type KubeEvent } from '@orc/schemas'
import { expect, test } from 'vitest'
import { condition, current, gone, manifest, pidOf, pods, start } from './one-orc.ts'

/** Writes down each SIGHUP, and what its file says then. */
const AGENT = `
import os, signal
path = os.environ['ORC_FILES_DIR'] + '/mode'
def note(*_):
    with open(os.environ['ORC_SERVICE'] + '.heard', 'a') as log: log.write(open(path).read() + '\\n')
signal.signal(signal.SIGHUP, note)
open(os.environ['ORC_SERVICE'] + '.up', 'w').close()
while True: signal.pause()
`
const settings = (mode: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {mode: "${mode}"}\n`
const files = '  files: [{configMapRef: {name: settings}}]\n'
const agent = (name: string, more: string): string => manifest(name, ['python3', 'agent.py'], files + more)

const heard = (name: string): string[] => {
  const log = `${current().dir}/${name}.heard`
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []
}
const set = (mode: string): Promise<unknown> =>
  current().client.patch(RESOURCES.configmaps, 'settings', 'default', { data: { mode } })

function variable(pid: number, name: string): string {
  return (
    new RegExp(`(?:^|\\0)${name}=([^\\0]*)`).exec(readFileSync(`/proc/${String(pid)}/environ`, 'latin1'))?.[1] ?? ''
  )
}

test('a process is told once of each change, over 20 deaths of the controller, and none restarts', async () => {
  const { waitFor, kill, restart, dir, client } = await start({
    manifests: {
      'settings.yaml': settings('0'),
      'told.yaml': agent('told', '  reload: {mode: Signal}\n'),
      'still.yaml': agent('still', ''),
    },
    files: { 'agent.py': AGENT },
  })
  const before = [await pidOf('told'), await pidOf('still')]
  const stillFile = `${variable(before[1] ?? 0, 'ORC_FILES_DIR')}/mode`
  await waitFor('both to listen', () => (existsSync(`${dir}/told.up`) && existsSync(`${dir}/still.up`)) || undefined)
  const wanted: string[] = []
  for (let change = 1; change <= 20; change += 1) {
    const mode = String(change)
    wanted.push(mode)
    await set(mode)
    // From before the files are written to after the signal is sent.
    await new Promise((resolve) => setTimeout(resolve, (change * 3) % 25))
    await kill()
    await restart()
    await waitFor(`change ${mode} to be heard`, () => heard('told').includes(mode) || undefined)
  }
  // In the order of the changes, each once: a death between the signal and the note of it, which is the next system call,
  // has it sent again, and on a busy machine some of these deaths fall there.
  const all = heard('told')
  expect(all.filter((mode, index) => mode !== all[index - 1])).toEqual(wanted)
  expect(all.length - wanted.length).toBeLessThanOrEqual(3)
  await waitFor('the files of the other', () => readFileSync(stillFile, 'utf8') === '20' || undefined)
  expect(heard('still')).toEqual([])
  expect([await pidOf('told'), await pidOf('still')]).toEqual(before)
  await set('21')
  await waitFor('the last change', () => heard('told').at(-1) === '21' || undefined)
  await waitFor('an event', async () => {
    const { items } = await client.list<KubeEvent>(RESOURCES.events, { namespace: 'default' })
    return items.find(({ reason, involvedObject }) => reason === 'ConfigReloaded' && involvedObject.name === 'told-0')
  })
  const [told] = await pods('told')
  const [still] = await pods('still')
  expect(told?.status.orc.configRevision).not.toBe(still?.status.orc.configRevision)
}, 120_000)

test('a process that would die of the signal is not sent it; a fresh one needs none', async () => {
  const { waitFor } = await start({
    manifests: {
      'settings.yaml': settings('0'),
      'deaf.yaml': manifest('deaf', ['sleep', '300'], `${files}  reload: {mode: Signal, signal: SIGUSR1}\n`),
    },
  })
  const pid = await pidOf('deaf')
  const file = `${variable(pid, 'ORC_FILES_DIR')}/mode`
  await set('1')
  await waitFor('the file', () => readFileSync(file, 'utf8') === '1' || undefined)
  await set('2')
  await waitFor('the next one', () => readFileSync(file, 'utf8') === '2' || undefined)
  expect(await pidOf('deaf')).toBe(pid)
})

test('Restart gives the next process a directory of its own; secrets lie in secrets/ alone and go with the run', async () => {
  const { client, waitFor, stateDir } = await start({
    manifests: {
      'a.yaml': manifest(
        'a',
        ['python3', '-c', 'import time; time.sleep(300)'],
        '  files: [{name: key, secretKeyRef: {name: keys, key: token}, mode: "0440"}]\n  reload: {mode: Restart}\n',
      ),
    },
  })
  await condition('a', 'Stalled', 'ReferenceNotFound')
  await client.create(RESOURCES.secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'keys', namespace: 'default' },
    stringData: { token: 'canary-6021' },
  })
  const first = await pidOf('a')
  const firstDir = variable(first, 'ORC_FILES_DIR')
  expect(readFileSync(`${firstDir}/key`, 'utf8')).toBe('canary-6021')
  const outside = readdirSync(stateDir).filter((name) => name !== 'secrets')
  expect(() => execFileSync('grep', ['-r', 'canary-6021', ...outside.map((name) => `${stateDir}/${name}`)])).toThrow()
  await client.patch(RESOURCES.secrets, 'keys', 'default', { stringData: { token: 'canary-6022' } })
  await gone(first)
  const second = await waitFor('the next process', async () => {
    const pid = await pidOf('a')
    return pid !== first && existsSync(`/proc/${String(pid)}`) ? pid : undefined
  })
  expect(readFileSync(`${variable(second, 'ORC_FILES_DIR')}/key`, 'utf8')).toBe('canary-6022')
  await waitFor('the old directory to be gone', () => !existsSync(firstDir) || undefined)
})
