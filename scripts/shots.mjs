/**
 * The pictures of docs/dashboard.md: every page of the dashboard in light, dark and on a phone, of a real controller with
 * services that do well and badly. Needs a build and a Chromium.
 *
 *   ORC_CHROMIUM=/usr/bin/chromium node scripts/shots.mjs [DIRECTORY]
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { orc, startOrc } from '../bench/measure.mjs'

const target = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '../docs/dashboard'))
/** So long the services live before they are looked at: charts and timelines have something to show. */
const LIVED_MS = 75_000
const SIZES = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 360, height: 740 } },
]

const SERVER = `require('node:http').createServer((q, r) => { console.log(JSON.stringify({level: 'info', msg: 'served', url: q.url})); r.end('ok') }).listen(process.env.PORT, '127.0.0.1')`
const MANIFESTS = {
  'vector-index.yaml': service('vector-index', 'storage', [
    `command: [node, -e, ${JSON.stringify(SERVER)}]`,
    'ports: [{name: http, port: 0}]',
    'readinessProbe: {httpGet: {path: /health, port: http}, periodSeconds: 2}',
    'resources: {requests: {memory: 64Mi}, limits: {memory: 256Mi}}',
    '# two is enough for the index',
    'replicas: 2',
  ]),
  'price-watch.yaml': service('price-watch', 'monitoring', [
    `command: [python3, -c, "import time; time.sleep(2); raise SystemExit('ValueError: currency EURO')"]`,
    'dependsOn: [{name: vector-index}]',
  ]),
  'summariser.yaml': service('summariser', 'worker', [
    'command: [sleep, "86400"]',
    'dependsOn: [{name: missing-model}]',
  ]),
  'missing-model.yaml': service('missing-model', 'model', ['command: [serve-model]']),
  'nightly-report.yaml': service('nightly-report', 'schedule', [
    'command: [sleep, "86400"]',
    'operatingMode: Stopped',
    'operatingModeReason: API quota used up',
  ]),
  'inbox-triage.yaml': service('inbox-triage', 'worker', ['command: [sleep, "86400"]', 'replicas: 3']),
  'mcp-browser.yaml': `${service('mcp-browser', 'tool', ['command: [sleep, "86400"]'])}  replicas: many\n`,
}

const PAGES = [
  { name: 'overview', path: '/' },
  { name: 'table', path: '/', act: (page) => page.getByRole('button', { name: 'Table' }).click(), wideOnly: true },
  {
    name: 'review',
    path: '/services/default/vector-index',
    act: (page) => page.getByRole('button', { name: 'Stop…' }).click(),
  },
  { name: 'service', path: '/services/default/price-watch' },
  { name: 'logs', path: '/logs?service=default/vector-index&service=default/price-watch' },
  {
    name: 'editor',
    path: '/services/default/vector-index',
    act: (page) => page.getByRole('link', { name: /Edit manifest/ }).click(),
  },
]

const dir = await mkdtemp(path.join(os.tmpdir(), 'orc-shots-'))
await mkdir(path.join(dir, 'manifests'))
for (const [name, text] of Object.entries(MANIFESTS)) await writeFile(path.join(dir, 'manifests', name), text)
const browser = await chromium.launch({ executablePath: process.env.ORC_CHROMIUM, args: ['--no-sandbox'] })
await startOrc(dir)
try {
  await mkdir(target, { recursive: true })
  await new Promise((resolve) => setTimeout(resolve, LIVED_MS))
  for (const size of SIZES) await shoot(size)
} finally {
  await browser.close()
  await orc(dir, ['down'])
  await rm(dir, { recursive: true, force: true })
}

async function shoot({ name, ...size }) {
  const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce', ...size })
  const page = await context.newPage()
  const url = /http\S+/.exec(await orc(dir, ['dashboard', '--no-open']))?.[0] ?? ''
  await page.goto(url)
  await page.getByRole('heading', { level: 1, name: /declared/ }).waitFor()
  for (const each of PAGES) {
    if (each.wideOnly && size.viewport.width < 640) continue
    await page.goto(new URL(each.path, url).href)
    await page.getByRole('banner').getByText('Live').waitFor({ state: 'attached' })
    await each.act?.(page)
    // Charts and lines come a moment after the page.
    await page.waitForTimeout(2000)
    await page.screenshot({ path: path.join(target, `${each.name}-${name}.png`) })
  }
  await context.close()
}

function service(name, type, spec) {
  const head = [
    'apiVersion: orc.dev/v1alpha1',
    'kind: AgentService',
    `metadata: {name: ${name}, labels: {orc.dev/type: ${type}}}`,
  ]
  return [...head, 'spec:', ...spec.map((line) => `  ${line}`), ''].join('\n')
}
