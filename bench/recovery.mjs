/** How soon a killed service runs again: `kill -9` of 20 different services, one at a time, and of all at once. */
import { watch } from 'node:fs'
import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { orc, quantiles, startOrc } from './measure.mjs'

const SERVICES = 20
const dir = await mkdtemp(path.join(os.tmpdir(), 'orc-bench-'))
const marks = path.join(dir, 'marks')
await mkdir(marks)
await mkdir(path.join(dir, 'manifests'))
for (let index = 0; index < SERVICES; index += 1) {
  const command = JSON.stringify(['sh', '-c', ': > marks/$ORC_SERVICE.$$; exec sleep 1000'])
  const text = `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: s${String(index)}}\nspec:\n  command: ${command}\n`
  await writeFile(path.join(dir, 'manifests', `s${String(index)}.yaml`), text)
}

/** The first instruction of each instance makes a file; when it appears is the moment. */
const appeared = new Map()
const waiting = new Map()
watch(marks, (_event, name) => {
  if (name === null || appeared.has(name)) return
  appeared.set(name, performance.now())
  waiting.get(name.split('.')[0])?.(performance.now())
})
const nextOf = (service) => new Promise((resolve) => waiting.set(service, resolve))

const started = await startOrc(dir)
try {
  while (appeared.size < SERVICES) await new Promise((resolve) => setTimeout(resolve, 10))
  const names = Array.from({ length: SERVICES }, (_, index) => `s${String(index)}`)
  const pidOf = async (service) =>
    Number(
      (await readdir(marks))
        .filter((name) => name.startsWith(`${service}.`))
        .map((name) => name.split('.')[1])
        .at(-1),
    )
  const single = []
  for (const service of names) {
    const pid = await pidOf(service)
    const next = nextOf(service)
    const killed = performance.now()
    process.kill(pid, 'SIGKILL')
    single.push((await next) - killed)
    await rm(path.join(marks, `${service}.${String(pid)}`))
  }
  console.log(`one of ${String(SERVICES)} killed -> first instruction of the next instance: ${quantiles(single)}`)
  // The first restart is free; the second of a row waits by design, so that all at once is measured on fresh lives.
  await orc(dir, ['restart', ...names])
  await new Promise((resolve) => setTimeout(resolve, 3000))
  for (const name of await readdir(marks)) if (!(await isAlive(name))) await rm(path.join(marks, name))
  const pids = await Promise.all(names.map(pidOf))
  const all = names.map(nextOf)
  const killed = performance.now()
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  const times = (await Promise.all(all)).map((time) => time - killed)
  console.log(`all ${String(SERVICES)} killed at once -> first instruction of each: ${quantiles(times)}`)
} finally {
  await orc(dir, ['down'])
  await rm(dir, { recursive: true, force: true })
}
console.log(`controller: ready after ${String(Math.round(started.readyMs))} ms, ${String(started.rssMiB)} MiB resident`)
process.exit(0)

async function isAlive(name) {
  try {
    process.kill(Number(name.split('.')[1]), 0)
    return true
  } catch {
    return false
  }
}
