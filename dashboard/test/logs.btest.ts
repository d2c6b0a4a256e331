/** The page of logs in a real browser: real services that write, crash and go on while the controller dies and comes back. */
import { readFile } from 'node:fs/promises'
import { RESOURCES, type Pod } from '@orc/schemas'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { findBreaches, stage, type Visit, waitForText } from './visit.ts'

const MANY = 250_000

/** Colours, other sequences, tags, JSON, and a line that no screen is wide enough for. */
const MIXED = `
  const esc = '\\u001b'
  console.log(esc + '[31mred words' + esc + '[0m then ' + esc + '[1;32mgreen' + esc + '[0m')
  console.log('before' + esc + '[2J' + esc + ']0;a title\\u0007after \\u202Eback')
  console.log('<img src=x onerror="document.title=1"><b>bold</b>')
  console.log(JSON.stringify({ level: 'warn', event: 'batch_done', n: 8, usage: { tokens: 6120 } }))
  console.log(JSON.stringify({ level: 'info', event: 'quiet' }))
  console.log('plain ERROR here')
  console.log('long ' + 'x'.repeat(600) + ' end')
  setInterval(() => undefined, 1e6)`

/** Its first run ends; the next stays. */
const CRASHING = `
  const fs = require('node:fs')
  if (fs.existsSync('crashed')) { console.log('second life'); setInterval(() => undefined, 1e6) }
  else { fs.writeFileSync('crashed', ''); console.log('first life'); console.log('last words'); setTimeout(() => process.exit(3), 300) }`

const FLOOD = `
  let text = ''
  for (let n = 1; n <= ${String(MANY)}; n += 1) text += 'line ' + n + ' of many, some of which are of interest to somebody\\n'
  require('node:fs').writeSync(1, text)
  setInterval(() => undefined, 1e6)`

const site = stage({
  'tick.yaml': manifestOf('tick', ticking('tick', 100)),
  'tock.yaml': manifestOf('tock', ticking('tock', 130)),
  'pair.yaml': manifestOf('pair', ticking('pair', 200), 5),
  'mixed.yaml': manifestOf('mixed', MIXED),
  'crash.yaml': manifestOf('crash', CRASHING),
  'many.yaml': manifestOf('many', FLOOD),
})

test('the logs of two services are followed as one, in the order of time', async () => {
  const { page } = await visit('/logs?service=tick&service=default/tock')
  await waitForText(lines(page), /tick \d+ goes/)
  await waitForText(lines(page), /tock \d+ goes/)
  const before = await lastNumber(page, 'tick')
  await site.orc.waitFor('more lines', async () => (await lastNumber(page, 'tick')) > before + 3 || undefined)
  const times = await page
    .locator('[role=log] time')
    .evaluateAll((all) => all.map((each) => each.getAttribute('datetime')))
  expect(times.length).toBeGreaterThan(10)
  expect(times).toEqual(times.toSorted())
})

test('↑ pauses: nothing moves and new lines are counted, until End', async () => {
  const { page } = await visit('/logs?service=tick')
  await site.orc.waitFor('a full view', async () => (await lastNumber(page, 'tick')) > 60 || undefined)
  await lines(page).focus()
  await page.keyboard.press('ArrowUp')
  await waitForText(foot(page), /Paused at \d\d:\d\d:\d\d/)
  // The key itself moves the view a little.
  await page.getByRole('button', { name: /^1\d new lines/ }).waitFor()
  const before = await lines(page).innerText()
  await page.getByRole('button', { name: /^2\d new lines/ }).waitFor()
  expect(await lines(page).innerText()).toBe(before)
  await page.keyboard.press('End')
  await waitForText(foot(page), 'Following')
  await site.orc.waitFor('later lines', async () => (await lines(page).innerText()) !== before || undefined)
})

test('more logs than a browser has connections are followed all the same', async () => {
  const { page } = await visit(
    `/logs?${['tick', 'tock', 'pair', 'mixed', 'crash'].map((s) => `service=${s}`).join('&')}`,
  )
  for (const pod of ['pair-0', 'pair-1', 'pair-2', 'pair-3', 'pair-4'])
    await site.orc.waitFor(`new lines of ${pod}`, async () => (await numberOf(page, pod)) > 30 || undefined)
  await page.getByRole('link', { name: 'Services', exact: true }).click()
  await page.getByRole('article').first().waitFor()
})

test('what the run before wrote is shown, with its end, also at the moment of the end', async () => {
  const { page } = await visit('/logs?service=crash&previous=true')
  const text = (
    await site.orc.waitFor('both lives', async () => {
      const shown = await lines(page).innerText()
      return shown.includes('second life') ? shown : undefined
    })
  ).replaceAll('\n', ' ')
  expect(text).toMatch(/first life.*last words.*crash-0 ended.*exit code 3.*crash-0 started.*second life/)

  const pod = await site.orc.client.get<Pod>(RESOURCES.pods, 'crash-0', 'default')
  const endedAt = pod.status.containerStatuses[0].lastState.terminated?.finishedAt ?? ''
  await page.goto(`${site.orc.url}/logs?service=crash&at=${endedAt}`)
  await waitForText(page.locator('.is-current'), /crash-0 ended/)
  await waitForText(foot(page), /Paused at/)
})

test('words are found, highlighted and stepped through; what is in a log stays text', async () => {
  const { page } = await visit('/logs?service=mixed')
  await page.getByRole('searchbox', { name: 'Search in the lines' }).fill('WORDS')
  await waitForText(page.getByRole('status'), '1 of 1')
  expect(await page.locator('mark').allInnerTexts()).toEqual(['words'])
  await page.keyboard.press('Enter')
  await waitForText(page.locator('.is-current'), /red/)
  expect(page.url()).toContain('q=WORDS')

  expect(await page.getByText('red', { exact: true }).getAttribute('style')).toContain('--bad')
  const text = await lines(page).innerText()
  expect(text).toContain('<img src=x onerror="document.title=1"><b>bold</b>')
  expect(text).toContain('beforeafter back')
  expect(await page.locator('[role=log] :is(img, b)', { hasNotText: 'mixed-0' }).count()).toBe(0)
  expect(await page.title()).toBe('Logs · orc')

  await unfoldAll(page)
  await waitForText(page.locator('dl'), '"batch_done"')
  await page.getByRole('button', { name: 'Warn' }).click()
  await site.orc.waitFor('graver lines alone', async () => {
    const shown = await lines(page).innerText()
    return (shown.includes('batch_done') && !shown.includes('quiet')) || undefined
  })
})

test(`${String(MANY)} lines scroll without a halt`, async () => {
  const { page } = await visit('/logs?service=many&range=all')
  await waitForText(lines(page), `line ${String(MANY)} of many`, 30_000)
  const frames = await page.evaluate(scrollThrough)
  const sorted = frames.toSorted((a, b) => a - b)
  const of = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1)
  console.log(
    `${String(MANY)} lines, ${String(frames.length)} frames: p50 ${of(0.5)} ms, p95 ${of(0.95)} ms, most ${of(1)} ms`,
  )
  expect(Number(of(0.95))).toBeLessThan(100)
  await lines(page).focus()
  await page.keyboard.press('Home')
  await waitForText(lines(page), /^line 1 of many/)
  const search = page.getByRole('searchbox', { name: 'Search in the lines' })
  await search.fill(`line ${String(MANY / 2)} of`)
  await waitForText(page.getByRole('status'), '1 found')
  await search.press('Enter')
  await waitForText(page.locator('.is-current'), new RegExp(`line ${String(MANY / 2)} of`))
})

test('a controller that dies and comes back costs no line and doubles none', async () => {
  const { page, expectComplaints } = await visit('/logs?service=tock&range=all')
  expectComplaints(/ERR_|WebSocket connection to/)
  const before = await site.orc.waitFor('lines', async () => (await lastNumber(page, 'tock')) || undefined)
  await site.orc.kill()
  await waitForText(page.getByRole('alert'), /Not connected since/)
  await site.orc.restart()
  await site.orc.waitFor('later lines', async () => (await lastNumber(page, 'tock')) > before + 20 || undefined, 30_000)
  await page.getByText('Live', { exact: true }).waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download what is shown' }).click(),
  ])
  const text = await readFile(await download.path(), 'utf8')
  const numbers = [...text.matchAll(/tock (\d+) goes/g)].map(([, n]) => Number(n))
  expect(numbers.length).toBeGreaterThan(before + 20)
  expect(numbers).toEqual(Array.from(numbers, (_, n) => n + 1))
})

test.each(['light', 'dark'] as const)('nothing stands in the way of a reader, %s', async (colorScheme) => {
  const { page } = await visit('/logs?service=mixed&service=crash&previous=true&q=words')
  await page.emulateMedia({ colorScheme })
  await waitForText(lines(page), /second life/)
  await unfoldAll(page)
  for (const width of [1440, 768, 360]) {
    await page.setViewportSize({ width, height: 900 })
    expect(await findBreaches(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  }
})

async function visit(address: string): Promise<Visit> {
  const opened = await site.visit()
  await opened.page.getByRole('link', { name: 'Logs' }).click()
  await opened.page.getByRole('heading', { name: 'Whose logs?' }).waitFor()
  await opened.page.goto(site.orc.url + address)
  return opened
}

/** A screen each frame, through the whole list and back; the time of each frame in ms. */
async function scrollThrough(): Promise<number[]> {
  const log = document.querySelector('[role=log]')
  const frames: number[] = []
  if (log === null) return frames
  let last = performance.now()
  for (let n = 0; n < 120; n += 1) {
    log.scrollTop = n < 60 ? log.scrollTop - 500 : (log.scrollHeight * (n - 60)) / 60
    await new Promise((resolve) => requestAnimationFrame(resolve))
    const now = performance.now()
    frames.push(now - last)
    last = now
  }
  return frames
}

async function numberOf(page: Page, pod: string): Promise<number> {
  const text = await lines(page).innerText()
  return Math.max(0, ...[...text.matchAll(new RegExp(`${pod}\\s+pair (\\d+) goes`, 'g'))].map(([, n]) => Number(n)))
}

async function unfoldAll(page: Page): Promise<void> {
  const folded = page.getByRole('button', { name: /^Unfold/ })
  while ((await folded.count()) > 0) await folded.first().click()
}

function lines(page: Page) {
  return page.getByRole('log')
}

async function lastNumber(page: Page, word: string): Promise<number> {
  const text = await lines(page).innerText()
  return Math.max(0, ...[...text.matchAll(new RegExp(`${word} (\\d+) goes`, 'g'))].map(([, n]) => Number(n)))
}

function manifestOf(name: string, script: string, replicas = 1): string {
  return `apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata: {name: ${name}}
spec:
  command: ${JSON.stringify(['node', '-e', script])}
  replicas: ${String(replicas)}
  backoff: {initialSeconds: 1}
`
}

function ticking(word: string, ms: number): string {
  return `let n = 0; setInterval(() => console.log('${word} ' + ++n + ' goes'), ${String(ms)})`
}

function foot(page: Page) {
  return page.getByRole('group', { name: 'Reading' })
}
