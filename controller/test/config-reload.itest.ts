/** A ConfigMap or Secret that changes: by default nothing happens, with reload Restart the replicas are replaced. */
import { readFile } from 'node:fs/promises'
import { RESOURCES } from '@orc/schemas'
import { expect, test } from 'vitest'
import { condition, current, get, manifest, pidOf, pods, start } from './one-orc.ts'

const service = (name: string, more = ''): string =>
  manifest(
    name,
    ['sh', '-c', 'echo "$MODE $KEY" > $ORC_SERVICE.saw; exec sleep 300'],
    `  envFrom: [{configMapRef: {name: settings}}]\n  env: [{name: KEY, valueFrom: {secretKeyRef: {name: keys, key: token}}}]\n${more}`,
  )
const settings = (mode: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {MODE: ${mode}}\n`

test('None restarts nothing, Restart replaces, and each only for a change of content', async () => {
  const { client, waitFor } = await start({
    manifests: {
      'settings.yaml': settings('slow'),
      'still.yaml': service('still'),
      'follows.yaml': service('follows', '  reload: {mode: Restart}\n'),
    },
  })
  await client.create(RESOURCES.secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'keys', namespace: 'default' },
    stringData: { token: 'first' },
  })
  await condition('still', 'Ready', 'Ready')
  await condition('follows', 'Ready', 'Ready')
  const before = { still: await pidOf('still'), follows: await pidOf('follows') }
  const revision = (await get('follows')).status?.configRevision
  expect(revision).toMatch(/^[0-9a-f]{16}$/)
  const next = (after: number): Promise<number> =>
    waitFor('the next process', async () => {
      const pid = (await pods('follows'))[0]?.status.orc.pid
      return pid !== undefined && pid !== after ? pid : undefined
    })
  await client.patch(RESOURCES.configmaps, 'settings', 'default', { data: { MODE: 'fast' } })
  const second = await next(before.follows)
  const pod = (await pods('follows'))[0]
  expect(pod?.status.containerStatuses[0].lastState.terminated?.reason).toBe('ConfigChanged')
  expect((await get('follows')).status?.configRevision).not.toBe(revision)
  await client.patch(RESOURCES.secrets, 'keys', 'default', { stringData: { token: 'second' } })
  const third = await next(second)
  await condition('follows', 'Ready', 'Ready')
  await client.patch(RESOURCES.configmaps, 'settings', 'default', { metadata: { labels: { team: 'a' } } })
  await new Promise((resolve) => setTimeout(resolve, 1000))
  expect(await pidOf('follows')).toBe(third)
  expect(await pidOf('still')).toBe(before.still)
  expect(await readFile(`${current().dir}/follows.saw`, 'utf8')).toBe('fast second\n')
  expect(await readFile(`${current().dir}/still.saw`, 'utf8')).toBe('slow first\n')
})
