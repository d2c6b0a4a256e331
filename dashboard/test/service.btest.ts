/** The page of one service in a real browser: why it restarted, what depends on what, and what it used. */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { findBreaches, stage, type Visit, waitForText } from './visit.ts'

const SERVER = "require('node:http').createServer((q, r) => r.end('ok')).listen(process.env.PORT, '127.0.0.1')"

const site = stage({
  'index.yaml': manifestOf('index', [
    `command: [node, -e, "${SERVER}"]`,
    'ports: [{name: http, port: 0}]',
    'readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1}',
    'resources: {limits: {memory: 256Mi}}',
  ]),
  'model.yaml': manifestOf('model', [
    'command: [sh, -c, "echo loading; echo no room for weights; exit 3"]',
    'dependsOn: [{name: index}]',
    'backoff: {initialSeconds: 1, factor: 1, maxSeconds: 1, jitterPercent: 0}',
  ]),
  'mailer.yaml': manifestOf('mailer', ['command: [sleep, "1000"]', 'dependsOn: [{name: model}]']),
})

test('the name on the overview leads to the page, which says why the service restarts, and goes on saying it', async () => {
  const { page } = await signIn()
  await page.getByRole('article', { name: 'model' }).getByRole('link', { name: 'model' }).press('Enter')
  await page.getByRole('heading', { level: 1, name: 'model' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/services/default/model')

  const why = panelOf(page, 'Why it restarted')
  await waitForText(why, 'Revision 1')
  await waitForText(why, 'model-0 exited with code 3')
  await waitForText(why, /Its last line: no room for weights/)
  await waitForText(why, /Wait(ed|s) |Restarted at once/)
  const folded = async () => Number(/The same (\d+) more/.exec(await why.innerText())?.[1] ?? 0)
  const before = await site.orc.waitFor('cycles that fold', async () => (await folded()) || undefined)
  await site.orc.waitFor('one more cycle, without a reload', async () => (await folded()) > before || undefined)
  await why.getByRole('button', { name: 'Show' }).press('Enter')
  expect(await why.getByText('model-0 exited with code 3').count()).toBeGreaterThan(before)
  const moment = await why.getByRole('link', { name: 'model-0 exited with code 3' }).last().getAttribute('href')
  expect(moment).toMatch(/^\/logs\?service=default%2Fmodel&at=\d{4}-/)

  await waitForText(page.getByRole('main'), /It failed (at least )?\d+ times with revision 1/)
  await waitForText(panelOf(page, 'Replicas'), 'Last lines of model-0')
  await waitForText(panelOf(page, 'Conditions'), /Read the last lines of its log/)
})

test('declared and observed stand side by side, and dependencies lead on', async () => {
  const { page } = await signIn('model')
  const row = panelOf(page, 'Desired beside actual').getByRole('row', { name: /^Replicas/ })
  expect(await row.innerText()).toMatch(/1\s+differs\s+0 ready/)
  const graph = panelOf(page, 'Dependencies')
  await waitForText(graph, 'Needed by')
  expect(await graph.getByRole('link').allInnerTexts()).toEqual(['index', 'mailer'])
  await graph.getByRole('link', { name: 'index' }).click()
  await page.getByRole('heading', { level: 1, name: 'index' }).waitFor()
  await waitForText(page.getByRole('main'), /^As declared for \d/)
  const limit = panelOf(page, 'Desired beside actual').getByRole('row', { name: /^Memory limit/ })
  await site.orc.waitFor('a measured value', async () => /\d+\sMiB, /.test(await limit.innerText()) || undefined)
})

test('charts show real samples, the range stands in the address, and a table says the same', async () => {
  const { page } = await signIn('index')
  const memory = page.getByRole('figure', { name: /^Memory from .*: \d+\sMiB, at most \d+\sMiB, limit 256\sMiB\.$/ })
  await memory.waitFor({ timeout: 25_000 })
  expect(await site.orc.waitFor('a line', async () => (await inkOf(page)) || undefined)).toBeGreaterThan(0)

  await page.getByRole('button', { name: '15 min' }).click()
  await page.waitForURL(/range=15m/)
  await page.reload()
  await panelOf(page, 'Last 15 minutes').waitFor()
  await memory.getByRole('button', { name: /Show as table/ }).press('Enter')
  await waitForText(memory.getByRole('table'), /^\d+\sMiB$/)
  await memory.getByRole('button', { name: /Show as chart/ }).press('Enter')

  const area = await memory.locator('.area').boundingBox()
  if (area === null) throw new Error('the chart has no place')
  await page.mouse.move(area.x + area.width / 2, area.y + 20)
  await page.mouse.down()
  await page.mouse.move(area.x + area.width - 2, area.y + 40, { steps: 3 })
  await page.mouse.up()
  await page.waitForURL(/from=.*to=/)

  await page.goto(site.orc.url)
  const card = page.getByRole('article', { name: 'index' })
  await card.getByRole('img', { name: /^Ready [\d.]+\s% of the last 24 hours/ }).waitFor()
  await waitForText(card, /^24 h [\d.]+\s%$/)
})

test('a new revision is shown with what it changed, and any two can be compared', async () => {
  const { page } = await signIn('mailer', '#revisions')
  await waitForText(panelOf(page, 'Revisions'), 'in force')
  await writeFile(
    path.join(site.orc.manifestsDir, 'mailer.yaml'),
    manifestOf('mailer', ['command: [sleep, "2000"]', 'dependsOn: [{name: model}]']),
  )
  await waitForText(panelOf(page, 'Revisions'), 'Revision 2')
  const difference = panelOf(page, 'Difference')
  await waitForText(difference, /2000/)
  expect(await difference.innerText()).toMatch(/command[^]*"1000"[^]*"2000"/)

  await page.getByRole('button', { name: 'Roll back…' }).click()
  const sheet = page.getByRole('dialog', { name: 'Roll mailer back to revision 1' })
  await waitForText(sheet.getByRole('region', { name: 'mailer.yaml' }), /1000/)
  await sheet.getByRole('button', { name: 'Write 1 manifest' }).click()
  await sheet.waitFor({ state: 'hidden' })
  expect(await readFile(path.join(site.orc.manifestsDir, 'mailer.yaml'), 'utf8')).toMatch(/command: .*1000/)

  await page.getByRole('link', { name: /^Events/ }).click()
  await waitForText(panelOf(page, 'Events'), /\w/)
})

test('a verb opens the patch for review, and writes nothing by itself', async () => {
  const { page } = await signIn('index')
  await page.getByRole('button', { name: 'Stop…' }).click()
  await page.getByRole('dialog').waitFor()
  await waitForText(page.getByRole('dialog'), /operatingMode: Stopped/)
  await page.keyboard.press('Escape')
  await waitForText(page.getByRole('main'), /^As declared for/)
})

test('a name that is not declared is said to be none, and the nearest one is offered', async () => {
  const { page } = await signIn('modle')
  await page.getByRole('heading', { name: 'No service modle is declared in default.' }).waitFor()
  await page.getByRole('link', { name: 'model', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'model' }).waitFor()
})

test('when orc is killed the picture stays, and lives again when it is back', async () => {
  const { page, expectComplaints } = await signIn('index')
  await waitForText(page.getByRole('main'), /^As declared for/)
  expectComplaints(/ERR_(CONNECTION_(REFUSED|RESET)|SOCKET_NOT_CONNECTED)|WebSocket connection to/)
  await site.orc.kill()
  await waitForText(page.getByRole('alert'), /Not connected since/)
  await page.getByRole('heading', { level: 1, name: 'index' }).waitFor()
  expect(await page.getByRole('button', { name: 'Stop…' }).isDisabled()).toBe(true)
  await site.orc.restart()
  // The session outlives the controller too: nobody has to sign in again.
  await waitForText(page.getByRole('banner'), 'Live')
  await page.getByRole('heading', { level: 1, name: 'index' }).waitFor()
  await waitForText(page.getByRole('main'), /^As declared for/)
})

test.each(['light', 'dark'] as const)('nothing stands in the way of a reader, %s', async (colorScheme) => {
  const { page } = await signIn('model')
  await page.emulateMedia({ colorScheme })
  await waitForText(panelOf(page, 'Why it restarted'), /The same \d+ more/)
  await page.getByRole('figure', { name: /^Memory/ }).waitFor()
  for (const width of [1440, 768, 360]) {
    await page.setViewportSize({ width, height: 900 })
    expect(await findBreaches(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  }
  for (const section of ['Metrics', 'Events', 'Revisions']) {
    await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: section }).click()
    expect(await findBreaches(page)).toEqual([])
  }
})

async function signIn(service?: string, hash = ''): Promise<Visit> {
  const opened = await site.visit()
  await opened.page.getByRole('heading', { level: 1, name: /declared/ }).waitFor()
  if (service !== undefined) await opened.page.goto(`${site.orc.url}/services/default/${service}${hash}`)
  return opened
}

function panelOf(page: Page, title: string) {
  return page.getByRole('region', { name: title, exact: true })
}

/** How many pixels of the first chart are drawn. */
function inkOf(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.querySelector('canvas')
    const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
    return pixels.filter((alpha, index) => index % 4 === 3 && alpha > 0).length
  })
}

function manifestOf(name: string, spec: readonly string[]): string {
  const head = ['apiVersion: orc.dev/v1alpha1', 'kind: AgentService', `metadata: {name: ${name}}`, 'spec:']
  return [...head, ...spec.map((line) => `  ${line}`), ''].join('\n')
}
