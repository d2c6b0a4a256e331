/**
 * A whole fleet: how soon 100 and 1,000 services run after the controller is up, what an idle fleet costs, and how soon
 * a new controller has them again after it was killed.
 *
 *   node bench/fleet.mjs [COUNT...]
 */
import { watch } from 'node:fs'
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { orc, startOrc } from './measure.mjs'

const IDLE_MS = 30_000
const counts = process.argv.slice(2).map(Number)
for (const count of counts.length > 0 ? counts : [100, 1000]) await measure(count)
process.exit(0)

async function measure(count) {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'orc-fleet-'))
  const marks = path.join(dir, 'marks')
  await mkdir(marks)
  await mkdir(path.join(dir, 'manifests'))
  const command = JSON.stringify(['sh', '-c', ': > marks/$ORC_SERVICE; exec sleep 100000'])
  for (let index = 0; index < count; index += 1) {
    const text = `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: s${String(index)}}\nspec:\n  command: ${command}\n`
    await writeFile(path.join(dir, 'manifests', `s${String(index)}.yaml`), text)
  }
  const began = performance.now()
  const appeared = new Map()
  watch(marks, (_event, name) => {
    if (!appeared.has(name)) appeared.set(name, performance.now() - began)
  })
  const started = await startOrc(dir)
  try {
    while (appeared.size < count) await new Promise((resolve) => setTimeout(resolve, 5))
    const last = Math.max(...appeared.values())
    const after = Math.max(0, last - started.readyMs)
    console.log(
      `${String(count)} services: controller up after ${ms(started.readyMs)}, the last one runs ${ms(after)} later`,
    )
    await new Promise((resolve) => setTimeout(resolve, 3000))
    const before = await cpuMs(started.pid)
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
    const share = ((await cpuMs(started.pid)) - before) / IDLE_MS
    const memory = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${String(started.pid)}/status`, 'utf8'))?.[1]
    console.log(
      `${String(count)} services idle: ${(share * 100).toFixed(2)} % of a core, ${String(Math.round(Number(memory) / 1024))} MiB resident`,
    )
    process.kill(started.pid, 'SIGKILL')
    const again = await startOrc(dir)
    const info = JSON.parse(await orc(dir, ['get', 'as', '-o', 'json']))
    const ready = info.items.filter(({ status }) => status?.readyReplicas === 1).length
    console.log(
      `${String(count)} services adopted: controller up after ${ms(again.readyMs)}, ${String(ready)} ready at the first look`,
    )
  } finally {
    await orc(dir, ['down'])
    await rm(dir, { recursive: true, force: true })
  }
}

/** User and system time of a process; ticks of 10 ms. */
async function cpuMs(pid) {
  const fields = (await readFile(`/proc/${String(pid)}/stat`, 'latin1')).split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function ms(value) {
  return `${String(Math.round(value))} ms`
}
