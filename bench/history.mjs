/**
 * What history costs to ask: 90 days of 100 services as they would be there after 90 days, asked through the API, and
 * an overview of 500.
 *
 *   node bench/history.mjs
 */
import { mkdtemp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { orc, quantiles, startOrc } from './measure.mjs'

/** The one that the controller uses. */
const Database = createRequire(new URL('../controller/package.json', import.meta.url))('libsql')

const SERVICES = 100
const LARGE_FLEET = 500
const ROUNDS = 15
const HOUR_MS = 3_600_000
const LOOK_MS = 10_000
const TABLES = [
  { table: 'samples_10s', periodMs: LOOK_MS, keptMs: 6 * HOUR_MS },
  { table: 'samples_1m', periodMs: 60_000, keptMs: 7 * 24 * HOUR_MS },
  { table: 'samples_15m', periodMs: 900_000, keptMs: 90 * 24 * HOUR_MS },
  { table: 'samples_1h', periodMs: HOUR_MS, keptMs: 90 * 24 * HOUR_MS },
  { table: 'samples_6h', periodMs: 6 * HOUR_MS, keptMs: 90 * 24 * HOUR_MS },
]
const RUNS_PER_SERVICE = 500

const dir = await mkdtemp(path.join(os.tmpdir(), 'orc-history-'))
const file = path.join(dir, '.orc/history.db')
try {
  await mkdir(path.join(dir, 'manifests'))
  await declare(0, SERVICES)
  await startOrc(dir)
  const services = JSON.parse(await orc(dir, ['get', 'as', '-o', 'json'])).items.map(({ metadata }) => metadata)
  await orc(dir, ['down'])
  const began = performance.now()
  fill(services, TABLES, true)
  const { size } = await stat(file)
  console.log(
    `${String(SERVICES)} services, 90 days: ${String(Math.round(size / 1e6))} MB, written in ${ms(performance.now() - began)}`,
  )
  await startOrc(dir)
  const name = services[Math.floor(SERVICES / 2)].name
  const service = `namespaces/default/agentservices/${name}`
  await time('6 hours of one service', `${service}/samples?since=6h`)
  await time('7 days of one service', `${service}/samples?since=7d`)
  await time('30 days of one service (wanted: 50 ms)', `${service}/samples?since=30d`)
  await time('90 days of one service', `${service}/samples?since=90d`)
  await time('failures of one service', `${service}/failures?since=90d`)
  await time('50 runs of one service', `${service}/runs`)
  await orc(dir, ['down'])

  await declare(SERVICES, LARGE_FLEET)
  await startOrc(dir)
  const all = JSON.parse(await orc(dir, ['get', 'as', '-o', 'json'])).items.map(({ metadata }) => metadata)
  await orc(dir, ['down'])
  fill(all.slice(SERVICES), TABLES.slice(-2), false)
  await startOrc(dir)
  await time(`24 hours of ${String(all.length)} services (wanted: 100 ms)`, 'serviceoverviews')
  await time(`7 days of ${String(all.length)} services`, 'serviceoverviews?since=7d')
} finally {
  await orc(dir, ['down']).catch(() => undefined)
  await rm(dir, { recursive: true, force: true })
}
process.exit(0)

/** Stopped ones: only what is remembered of them counts here. */
async function declare(from, to) {
  for (let index = from; index < to; index += 1) {
    const text = `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: s${String(index)}}\nspec: {command: [sleep, '9'], operatingMode: Stopped}\n`
    await writeFile(path.join(dir, 'manifests', `s${String(index)}.yaml`), text)
  }
}

/** As many rows as there are after 90 days, of values that differ as real ones do. */
function fill(services, tables, withRuns) {
  const nowMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
  const database = new Database(file)
  database.exec('PRAGMA synchronous = OFF; BEGIN')
  const add = database.prepare(
    'INSERT INTO sampled_services (namespace, name, uid, last_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET last_ms = excluded.last_ms RETURNING id',
  )
  const ids = services.map(({ namespace, name, uid }) => add.get(namespace, name, uid, nowMs).id)
  const [first, last] = [Math.min(...ids), Math.max(...ids)]
  for (const { table, periodMs, keptMs } of tables) {
    const looks = periodMs / LOOK_MS
    const ticks = keptMs / periodMs
    database.exec(`INSERT OR IGNORE INTO ${table}
      WITH RECURSIVE tick (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM tick WHERE i + 1 < ${String(ticks)})
      SELECT ${String(nowMs - keptMs)} + i * ${String(periodMs)}, s.id, k, k, k - (abs(random()) % 20 = 0), 1, 0,
        k, k * (5000 + abs(random()) % 20000), 40000, k * (60000 + abs(random()) % 9000), 70000, k * 2, 3,
        k * 2, k * 2 * (1000 + abs(random()) % 3000), 9000
      FROM tick CROSS JOIN sampled_services s CROSS JOIN (SELECT ${String(looks)} AS k)
      WHERE s.id BETWEEN ${String(first)} AND ${String(last)}`)
  }
  if (withRuns)
    database.exec(`INSERT INTO runs
      WITH RECURSIVE run (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM run WHERE i + 1 < ${String(RUNS_PER_SERVICE)})
      SELECT s.name || '-' || i, s.namespace, s.name, s.uid, 0, i, 1, 'r', 1, NULL, 'Exited', ${String(nowMs)} - i * 60000,
        ${String(nowMs)} - i * 60000 + 1000, 'Traceback' || char(10) || 'ConnectionError: ' || i || ' refused', i % 7
      FROM run CROSS JOIN sampled_services s`)
  database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
}

async function time(what, address) {
  const { server } = JSON.parse(await readFile(path.join(dir, '.orc/controller.json'), 'utf8'))
  const token = (await readFile(path.join(dir, '.orc/token'), 'utf8')).trim()
  const times = []
  let bytes = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = performance.now()
    const response = await fetch(`${server}/apis/orc.dev/v1alpha1/${address}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    bytes = (await response.text()).length
    times.push(performance.now() - before)
    if (!response.ok) throw new Error(`${address}: ${String(response.status)}`)
  }
  console.log(`${what}: ${quantiles(times)}, ${String(Math.round(bytes / 1024))} KiB`)
}

function ms(value) {
  return `${String(Math.round(value))} ms`
}
