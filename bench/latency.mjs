/** How soon a change is in force: a saved file, and a write through the API; with few and with 5,000 objects. */
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { orc, quantiles, rssMiB, startOrc } from './measure.mjs'

const ROUNDS = 25
const agent = new Agent({ keepAlive: true })
const text = (name, description) =>
  `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}}\nspec:\n  command: [sleep, "300"]\n  operatingMode: Stopped\n  description: ${description}\n`

for (const objects of [10, 5000]) {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'orc-bench-'))
  try {
    await mkdir(path.join(dir, 'manifests'))
    for (let index = 0; index < objects; index += 1)
      await writeFile(path.join(dir, 'manifests', `s${String(index)}.yaml`), text(`s${String(index)}`, 'v0'))
    const first = await startOrc(dir)
    await measure(dir, objects, first)
    process.kill(first.pid, 'SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const again = await startOrc(dir)
    console.log(
      `${String(objects)} objects: ready after ${String(Math.round(first.readyMs))} ms at first, ${String(Math.round(again.readyMs))} ms with records`,
    )
  } finally {
    await orc(dir, ['down'])
    await rm(dir, { recursive: true, force: true })
  }
}
process.exit(0)

async function measure(dir, objects, { pid }) {
  const { server } = JSON.parse(await readFile(path.join(dir, '.orc/controller.json'), 'utf8'))
  const token = (await readFile(path.join(dir, '.orc/token'), 'utf8')).trim()
  const url = new URL('/apis/orc.dev/v1alpha1/namespaces/default/agentservices/s0', server)
  const ask = (method, body) =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/merge-patch+json' }),
      }
      const outgoing = request(url, { method, agent, headers }, (response) => {
        let text = ''
        response.on('data', (piece) => (text += piece)).on('end', () => resolve(JSON.parse(text)))
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  // The first passes over everything are not what is measured.
  await new Promise((resolve) => setTimeout(resolve, 4000))
  const timed = async (change, value) => {
    const begin = performance.now()
    await change(value)
    while ((await ask('GET')).spec.description !== value);
    return performance.now() - begin
  }
  const saves = []
  const writes = []
  for (let round = 0; round < ROUNDS; round += 1) {
    saves.push(
      await timed(
        (value) => writeFile(path.join(dir, 'manifests/s0.yaml'), text('s0', value)),
        `saved${String(round)}`,
      ),
    )
    await new Promise((resolve) => setTimeout(resolve, 300))
    writes.push(
      await timed((value) => ask('PATCH', JSON.stringify({ spec: { description: value } })), `written${String(round)}`),
    )
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  console.log(`${String(objects)} objects: file save to effect ${quantiles(saves)}`)
  console.log(
    `${String(objects)} objects: API write to effect ${quantiles(writes)}; controller ${String(await rssMiB(pid))} MiB resident`,
  )
}
