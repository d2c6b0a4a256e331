/** SIGKILL at any moment of a write: the file is the old or the new one, an acknowledged change is there, nothing is left over. */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { decode, RESOURCES, type AgentService } from '@orc/schemas'
import { afterEach, expect, test } from 'vitest'
import { startOrc, type Orc } from './harness.ts'

const ROUNDS = process.env['ORC_TEST_LONG'] === undefined ? 12 : 100

let orc: Orc | undefined

afterEach(async () => {
  await orc?.stop()
})

const manifest = `# the comment that must survive
apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata: {name: a}
spec:
  command: [sleep, "300"]
  description: v0 # and this one
`

test(`${String(ROUNDS)} kills during writes lose no acknowledged change and no byte of others`, async () => {
  const current = (orc = await startOrc({ manifests: { 'a.yaml': manifest } }))
  const file = path.join(current.manifestsDir, 'a.yaml')
  let acknowledged = 0
  let killedBefore = 0
  for (let round = 1; round <= ROUNDS; round += 1) {
    const { client } = current
    const before = acknowledged
    const write = client
      .patch(RESOURCES.agentservices, 'a', 'default', { spec: { description: `v${String(round)}` } })
      .then(() => {
        acknowledged = round
      })
      .catch(() => undefined)
    // The first write of a new controller takes 20 to 60 ms; the moments of the kills spread over it.
    await new Promise((resolve) => setTimeout(resolve, (round % 12) * 10))
    await current.kill()
    await write
    if (acknowledged === before) killedBefore += 1
    const text = await readFile(file, 'utf8')
    const spec = (decode(text).documents[0]?.object as AgentService | undefined)?.spec
    expect(text).toBe(manifest.replace('v0', spec?.description ?? 'nothing'))
    const value = Number(spec?.description?.slice(1))
    expect(value).toBeGreaterThanOrEqual(acknowledged)
    expect(value).toBeLessThanOrEqual(round)
    await current.restart()
    expect((await current.client.get<AgentService>(RESOURCES.agentservices, 'a', 'default')).spec.description).toBe(
      spec?.description,
    )
  }
  expect(killedBefore).toBeGreaterThan(0)
  expect(killedBefore).toBeLessThan(ROUNDS)
  // What the kills left between the steps was tidied up by the next start.
  expect(await readdir(current.manifestsDir)).toEqual(['a.yaml'])
  expect((await current.client.get<AgentService>(RESOURCES.agentservices, 'a', 'default')).status?.restartCount).toBe(0)
}, 200_000)
