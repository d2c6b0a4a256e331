/** The page of logs in a real browser: real services that write, crash and go on while the controller dies and comes back. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startOrc } from '../../controller/test/harness.ts'
import { findBreaches, launchBrowser, openPage, waitForText, type Visit } from './visit.ts'

type Orc = Awaited<ReturnType<typeof startOrc>>

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

let browser: Browser
let orc: Orc
let visits: Visit[] = []

beforeAll(async () => {
  browser = await launchBrowser()
  orc = await startOrc({
    manifests: {
      'tick.yaml': manifestOf('tick', ticking('tick', 100)),
      'tock.yaml': manifestOf('tock', ticking('tock', 130)),
      'mixed.yaml': manifestOf('mixed', MIXED),
      'crash.yaml': manifestOf('crash', CRASHING),
      'many.yaml': manifestOf('many', FLOOD),
    },
  })
})

afterEach(async () => {
  const all = visits
  visits = []
  for (const { page } of all) await page.context().close()
  expect(all.flatMap(({ complaints }) => complaints())).toEqual([])
})

afterAll(async () => {
  await browser.close()
  await orc.stop()
})

test('the logs of two services are followed as one, in the order of time', async () => {
  const { page } = await visit('/logs?service=tick&service=default/tock')
  await waitForText(lines(page), /tick \d+ goes/)
  await waitForText(lines(page), /tock \d+ goes/)
  const before = await lastNumber(page, 'tick')
  await orc.waitFor('more lines', async () => (await lastNumber(page, 'tick')) > before + 3 || undefined)
  const times = await page
    .locator('[role=log] time')
    .evaluateAll((all) => all.map((each) => each.getAttribute('datetime')))
  expect(times.length).toBeGreaterThan(10)
  expect(times).toEqual(times.toSorted())
})

test('↑ pauses: nothing moves and new lines are counted, until End', async () => {
  const { page } = await visit('/logs?service=tick')
  await orc.waitFor('a full view', async () => (await lastNumber(page, 'tick')) > 60 || undefined)
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
  await orc.waitFor('later lines', async () => (await lines(page).innerText()) !== before || undefined)
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
  const opened = await openPage(browser, await orc.dashboardUrl())
  visits.push(opened)
  await opened.page.getByRole('link', { name: 'Logs' }).click()
  await opened.page.getByRole('heading', { name: 'Whose logs?' }).waitFor()
  await opened.page.goto(orc.url + address)
  return opened
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

function manifestOf(name: string, script: string): string {
  return `apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata: {name: ${name}}
spec:
  command: ${JSON.stringify(['node', '-e', script])}
  backoff: {initialSeconds: 1}
`
}

function ticking(word: string, ms: number): string {
  return `let n = 0; setInterval(() => console.log('${word} ' + ++n + ' goes'), ${String(ms)})`
}

function foot(page: Page) {
  return page.getByRole('group', { name: 'Reading' })
}
