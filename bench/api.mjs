/** What reading costs: lists of 100 and 1,000 services, 100 watchers of 1,000, and 50 that do not read. */
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent, createServer, request } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { Worker, isMainThread, workerData } from 'node:worker_threads'
import { orc, rssMiB, startOrc } from './measure.mjs'

const ROUNDS = 400
const agent = new Agent({ keepAlive: true })
const collection = (namespace) => `/apis/orc.dev/v1alpha1/namespaces/${namespace}/agentservices`
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'

if (isMainThread) {
  await main()
  process.exit(0)
} else serveBytes()

/** The least that a server in Node can do: the same bytes, ready, on the same machine. */
function serveBytes() {
  const bytes = Buffer.from(workerData.bytes)
  const server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': bytes.length }).end(bytes)
  })
  server.listen(workerData.port, '127.0.0.1')
}

async function main() {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'orc-bench-'))
  try {
    for (const [namespace, count] of [
      ['default', 1000],
      ['small', 100],
    ]) {
      await mkdir(path.join(dir, 'manifests', namespace), { recursive: true })
      for (let index = 0; index < count; index += 1) await declare(dir, namespace, `s${String(index)}`)
    }
    const { pid, rssMiB: atStart } = await startOrc(dir)
    const { server } = JSON.parse(await readFile(path.join(dir, '.orc/controller.json'), 'utf8'))
    const token = (await readFile(path.join(dir, '.orc/token'), 'utf8')).trim()
    const api = (method, url, options = {}) => send(server, token, { method, url, ...options })
    const openWatch = (url, options) => watchLines(server, token, { url, ...options })
    await new Promise((resolve) => setTimeout(resolve, 8000))
    const [load] = os.loadavg()
    console.log(`load of this machine ${load.toFixed(1)}, on ${String(os.cpus().length)} processors`)
    console.log(
      `controller with 1,100 stopped services: ${String(atStart)} MiB at first, ${String(await rssMiB(pid))} MiB`,
    )
    for (const [namespace, count, wantedMs] of [
      ['small', 100, 10],
      ['default', 1000, 15],
    ])
      await lists(api, namespace, count, wantedMs)
    await watchers(api, openWatch, pid)
    await stalled(api, openWatch, pid)
  } finally {
    await orc(dir, ['down'])
    await rm(dir, { recursive: true, force: true })
  }
}

function declare(dir, namespace, name) {
  const text = `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec:\n  command: [sleep, "300"]\n  operatingMode: Stopped\n  description: v0\n`
  return writeFile(path.join(dir, 'manifests', namespace, `${name}.yaml`), text)
}

async function lists(api, namespace, count, wantedMs) {
  const url = collection(namespace)
  const { body } = await api('GET', url)
  const port = 20_000 + Math.floor(Math.random() * 5000)
  const bare = new Worker(new URL(import.meta.url), { workerData: { bytes: body, port } })
  await new Promise((resolve) => setTimeout(resolve, 300))
  const times = { objects: [], table: [], bytes: [] }
  // In turn, so that whatever else the machine does falls on all.
  for (let round = 0; round < ROUNDS; round += 1) {
    times.objects.push((await api('GET', url)).ms)
    times.table.push((await api('GET', url, { accept: TABLE })).ms)
    times.bytes.push((await send(`http://127.0.0.1:${String(port)}`, '', { method: 'GET', url: '/' })).ms)
  }
  await bare.terminate()
  const [objects, table, bytes] = Object.values(times).map((list) => ({
    p50: quantile(list, 0.5),
    p99: quantile(list, 0.99),
  }))
  const shown = ({ p50, p99 }) => `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`
  console.log(
    `list of ${String(count)} (${String(Math.round(body.length / 1024))} KiB): ${shown(objects)} (wanted: p99 < ${String(wantedMs)}); as a table ${shown(table)}; the bytes alone ${shown(bytes)}; ratio p50 ${(objects.p50 / bytes.p50).toFixed(2)}`,
  )
}

async function watchers(api, openWatch, pid) {
  const before = await rssMiB(pid)
  const url = `${collection('default')}?watch=true`
  const open = []
  for (let index = 0; index < 100; index += 1) open.push(await openWatch(url))
  for (const watch of open) await watch.has(1000)
  const peak = await rssMiB(pid)
  for (let round = 0; round < 50; round += 1) await patch(api, round % 1000, `w${String(round)}`)
  const delays = []
  for (let round = 0; round < 50; round += 1) {
    const begin = performance.now()
    const seen = open.map((watch) => watch.has(watch.count + 1))
    await patch(api, 7, `d${String(round)}`)
    await Promise.all(seen)
    delays.push(performance.now() - begin)
  }
  await new Promise((resolve) => setTimeout(resolve, 3000))
  const after = await rssMiB(pid)
  console.log(
    `100 watchers of 1,000: +${String(after - before)} MiB (${String(before)} to ${String(after)}, at the initial lists ${String(peak)}; wanted < 50); from a change to the last of them p50 ${quantile(delays, 0.5).toFixed(1)} ms, p99 ${quantile(delays, 0.99).toFixed(1)} ms`,
  )
  for (const watch of open) watch.close()
  await new Promise((resolve) => setTimeout(resolve, 3000))
}

/** The same changes without and with them: only the difference is theirs. */
async function stalled(api, openWatch, pid) {
  for (const watchers of [0, 50]) {
    const before = await rssMiB(pid)
    const open = []
    for (let index = 0; index < watchers; index += 1)
      open.push(await openWatch(`${collection('default')}?watch=true`, { isStalled: true }))
    let most = before
    const times = []
    // What waits for them comes from the first list; the first are cut off after 10 s.
    for (const begin = performance.now(); performance.now() - begin < 20_000;) {
      const at = performance.now()
      const round = times.length
      await patch(api, round % 1000, `x${String(watchers)}-${String(round)}`)
      times.push(performance.now() - at)
      if (round % 20 === 0) most = Math.max(most, await rssMiB(pid))
    }
    console.log(
      `${String(watchers)} watchers that do not read, ${String(times.length)} changes: at most +${String(most - before)} MiB (${String(before)} to ${String(most)}${watchers > 0 ? '; wanted < 60' : ''}); a change meanwhile p50 ${quantile(times, 0.5).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms`,
    )
    for (const watch of open) watch.close()
    await new Promise((resolve) => setTimeout(resolve, 3000))
  }
}

function patch(api, index, description) {
  const body = JSON.stringify({ spec: { description } })
  return api('PATCH', `${collection('default')}/s${String(index)}`, { body, type: 'application/merge-patch+json' })
}

function send(server, token, { method, url, body, accept = 'application/json', type }) {
  const begin = performance.now()
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, accept, ...(type && { 'content-type': type }) }
    const outgoing = request(new URL(url, server), { method, agent, headers }, (response) => {
      const pieces = []
      response.on('data', (piece) => pieces.push(piece))
      response.on('end', () => {
        const ms = performance.now() - begin
        const text = Buffer.concat(pieces).toString()
        if (response.statusCode >= 300) reject(new Error(`${method} ${url}: ${text}`))
        else resolve({ ms, body: text })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** Counts the lines of a watch, on a connection of its own. */
async function watchLines(server, token, { url, isStalled = false }) {
  const watch = { count: 0, waiting: [] }
  const response = await new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    const outgoing = request(new URL(url, server), { agent: false, headers }, resolve)
    outgoing.on('error', reject)
    outgoing.end()
  })
  response.on('error', () => undefined)
  if (isStalled) response.pause()
  else
    response.on('data', (piece) => {
      for (const byte of piece) if (byte === 10) watch.count += 1
      watch.waiting = watch.waiting.filter(({ wanted, resolve }) => watch.count < wanted || resolve())
    })
  return {
    get count() {
      return watch.count
    },
    has: (wanted) =>
      new Promise((resolve) => {
        if (watch.count >= wanted) resolve()
        else watch.waiting.push({ wanted, resolve })
      }),
    close: () => response.destroy(),
  }
}

function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}
