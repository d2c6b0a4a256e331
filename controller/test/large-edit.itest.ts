/** Edits of large files by a real controller: the same text as of small ones, while others are served. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { RESOURCES, type ConfigMap } from '@orc/schemas'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOrc, type Orc } from './harness.ts'

const { configmaps } = RESOURCES
const ENTRIES = 8500
let orc: Orc

/** Nearly as large and as dense as a file may be. */
const large = `# kept\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: large   # kept too\n  annotations:\n${Array.from(
  { length: ENTRIES },
  (_, n) => `    key-${String(n)}: "v${String(n)}" #${String(n)}`,
).join('\n')}\ndata: {a: "1"}\n`

beforeAll(async () => {
  orc = await startOrc({ manifests: { 'large.yaml': large } })
})
afterAll(() => orc.stop())

test('one value of thousands is changed, byte for byte, and nobody waits long for anything else', async () => {
  expect(large.length).toBeGreaterThan(200 * 1024)
  const file = path.join(orc.manifestsDir, 'large.yaml')
  let longestMs = 0
  let isOver = false
  const asking = (async () => {
    while (!isOver) {
      const begin = performance.now()
      await orc.client.raw({ method: 'GET', path: '/version' })
      longestMs = Math.max(longestMs, performance.now() - begin)
    }
  })()
  const begin = performance.now()
  await orc.client.patch<ConfigMap>(configmaps, 'large', 'default', { metadata: { annotations: { 'key-77': 'new' } } })
  const tookMs = performance.now() - begin
  isOver = true
  await asking
  expect(await readFile(file, 'utf8')).toBe(large.replace('"v77"', '"new"'))
  expect(longestMs).toBeLessThan(tookMs / 2)
  await orc.client.delete(configmaps, 'large', 'default')
  await expect(readFile(file, 'utf8')).rejects.toThrow('ENOENT')
})
