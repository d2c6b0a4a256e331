/** What `get` shows can be sent back: no byte of any file changes, whatever its author wrote. */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { RESOURCES, type AgentService } from '@orc/schemas'
import { afterEach, expect, test } from 'vitest'
import { startOrc, type Orc } from './harness.ts'

const SHIPPED = path.resolve(import.meta.dirname, '../../manifests')

let orc: Orc | undefined

afterEach(async () => {
  await orc?.stop()
})

async function textsOf(dir: string): Promise<Record<string, string>> {
  const names = (await readdir(dir)).toSorted()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(path.join(dir, name), 'utf8')] as const)),
  )
}

const ODD = `# four spaces, flow maps, long strings, comments everywhere, no final newline
apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata: {name: odd, labels: {"orc.dev/type": 'sample'}}   # flow
spec:
    operatingMode:   Stopped
    command: [ "sh",  '-c', "echo ${'x'.repeat(200)}" ]
    env:
    # before an item
    - name: A
      value: |
          several
          lines
    - {value: "é\\u0041", name: B}
    replicas: 0x2
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: words
data: {ON: "yes", NUMBER: '007'}`

test('an object that is sent back as it came leaves its file alone, byte for byte', async () => {
  const manifests = { ...(await textsOf(SHIPPED)), 'odd.yaml': ODD.replaceAll('\n', '\r\n') }
  const { client, manifestsDir } = (orc = await startOrc({ manifests }))
  const { items } = await client.list<AgentService>(RESOURCES.agentservices)
  expect(items.length).toBe(Object.keys(manifests).length)
  for (const item of items) {
    const current = await client.get<AgentService>(RESOURCES.agentservices, item.metadata.name, 'default')
    // A status that came in between is no conflict of ours to test here.
    const { resourceVersion: _version, ...metadata } = current.metadata
    await client.replace(RESOURCES.agentservices, { ...current, metadata })
  }
  expect(await textsOf(manifestsDir)).toEqual(manifests)
})
