/** The first page in a real browser against a real controller: from the one-time code to a restart seen live. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { startOrc } from '../../controller/test/harness.ts'
import { cardOf, findBreaches, stage, type Visit, waitForText } from './visit.ts'

const site = stage({ 'echo.yaml': manifestOf('echo'), 'pair.yaml': manifestOf('pair', 2) })

test('a one-time code signs in, and is gone from the address at once', async () => {
  const { page } = await site.visit()
  await page.getByRole('heading', { name: /as declared/ }).waitFor()
  expect(page.url()).toBe(`${site.orc.url}/`)
  await page.reload()
  await page.getByRole('heading', { name: /as declared/ }).waitFor()
})

test('without a code the page says what to run', async () => {
  const { page } = await site.visit(site.orc.url)
  await page.getByRole('heading', { name: 'Sign in to orc' }).waitFor()
  expect(await page.getByRole('main').innerText()).toContain('Run orc dashboard on the host')
})

test('a code that is used or wrong leads to the sign-in page, and another one lets in', async () => {
  const used = await site.orc.dashboardUrl()
  const first = await site.visit(used)
  await first.page.getByRole('heading', { name: /as declared/ }).waitFor()
  for (const url of [used, `${site.orc.url}/#code=wrong`]) {
    const { page, expectComplaints } = await site.visit(url)
    expectComplaints(/status of 401/)
    await waitForText(page.getByRole('alert'), 'That code is used or older than 2 minutes. Run orc dashboard again.')
    expect(page.url()).toBe(`${site.orc.url}/`)

    await page.getByLabel('One-time code').fill(await site.orc.dashboardUrl())
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /as declared/ }).waitFor()
  }
})

test('a session that orc does not know ends on the sign-in page', async () => {
  const { page, expectComplaints } = await site.visit(site.orc.url)
  expectComplaints(/status of 401/)
  await page.evaluate(() => {
    const session = { token: 'of-another-orc', expirationTimestamp: '2999-01-01T00:00:00Z' }
    localStorage.setItem('orc.session', JSON.stringify(session))
  })
  await page.reload()
  await waitForText(page.getByRole('alert'), 'The session has ended. Run orc dashboard again.')
  expect(await page.evaluate(() => localStorage.getItem('orc.session'))).toBeNull()
})

test('who signs out is out in every tab, and on the server', async () => {
  const { page } = await site.visit()
  await page.getByRole('heading', { name: /as declared/ }).waitFor()
  const stored = await page.evaluate(() => localStorage.getItem('orc.session'))
  const other = await page.context().newPage()
  await other.goto(site.orc.url)
  await other.getByRole('heading', { name: /as declared/ }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  for (const each of [page, other]) await each.getByRole('heading', { name: 'Sign in to orc' }).waitFor()
  const { token } = JSON.parse(stored ?? '{}') as { token?: string }
  const answer = await fetch(`${site.orc.url}/orc`, { headers: { authorization: `Bearer ${token ?? ''}` } })
  expect(answer.status).toBe(401)
})

test('the theme is chosen in the bar, and holds from the first paint on', async () => {
  const { page } = await site.visit()
  await page.emulateMedia({ colorScheme: 'light' })
  await page.getByRole('button', { name: 'Theme: system' }).click()
  await page.getByRole('button', { name: 'Theme: light' }).click()
  await page.getByRole('button', { name: 'Theme: dark' }).waitFor()
  await page.reload({ waitUntil: 'commit' })
  expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark')
  await page.getByRole('button', { name: 'Theme: dark' }).click()
  await page.getByRole('button', { name: 'Theme: system' }).waitFor()
})

test('the first page is light', async () => {
  const { page } = await site.visit()
  await page.getByRole('heading', { name: /as declared/ }).waitFor()
  const bytes = await page.evaluate(() =>
    (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
      .filter(({ name }) => name.endsWith('.js'))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
  )
  // Charts, the editor and the schemas come with the pages that need them.
  expect(bytes).toBeGreaterThan(20_000)
  expect(bytes).toBeLessThan(130_000)
})

test('services show their state, process, restarts, CPU and memory', async () => {
  const { page } = await site.visit()
  await page.getByRole('heading', { name: 'All 2 services are as declared.' }).waitFor()
  const card = cardOf(page, 'echo')
  await waitForText(card, 'Ready')
  await waitForText(card, '1 of 1 replicas ready')
  await waitForText(card, /\d\.\d\d/)
  await waitForText(card, /\d+\sMiB/)
  await waitForText(card, /http \d{4,5}/)
  expect(await restartsOf(page, 'echo')).toBe(0)
  expect(await isAlive(await pidOf(page, 'echo'))).toBe(true)
  await waitForText(cardOf(page, 'pair'), '2 of 2 replicas ready')
  expect(
    await cardOf(page, 'pair')
      .getByText(/pid \d+/)
      .count(),
  ).toBe(2)
})

test('a process that is killed is seen to be restarted, without a reload', async () => {
  const { page } = await site.visit()
  await waitForText(cardOf(page, 'echo'), 'Ready')
  const pid = await pidOf(page, 'echo')
  await page.evaluate(() => Reflect.set(globalThis, 'notReloaded', true))
  process.kill(pid, 'SIGKILL')
  await site.orc.waitFor('one restart on the page', async () => (await restartsOf(page, 'echo')) === 1 || undefined)
  await site.orc.waitFor('another process on the page', async () => (await pidOf(page, 'echo')) !== pid || undefined)
  await waitForText(cardOf(page, 'echo'), 'Ready')
  expect(await page.evaluate(() => Reflect.get(globalThis, 'notReloaded'))).toBe(true)
})

test('a file that cannot be read is shown with its place, and goes when it is mended', async () => {
  const { page } = await site.visit()
  const file = path.join(site.orc.manifestsDir, 'broken.yaml')
  await writeFile(file, manifestOf('late').replace('replicas: 1', 'replicas: many'))
  await waitForText(cardOf(page, 'broken.yaml'), /^broken\.yaml:7:\d+: spec\.replicas/)
  await page.getByRole('heading', { name: /1 file cannot be read/ }).waitFor()
  expect(await page.title()).toMatch(/^\(1\) /)
  await writeFile(file, manifestOf('late'))
  await cardOf(page, 'broken.yaml').waitFor({ state: 'detached' })
  await waitForText(cardOf(page, 'late'), 'Ready')
  await rm(file)
})

test('a service appears with its file and goes with it', async () => {
  const { page } = await site.visit()
  await cardOf(page, 'echo').waitFor()
  const file = path.join(site.orc.manifestsDir, 'added.yaml')
  await writeFile(file, manifestOf('added'))
  await waitForText(cardOf(page, 'added'), 'Ready')
  await rm(file)
  await cardOf(page, 'added').waitFor({ state: 'detached' })
})

test('when orc is away the last picture stays and says from when it is', async () => {
  const other = await startOrc({ manifests: { 'echo.yaml': manifestOf('echo') } })
  const { page, expectComplaints } = await site.visit(await other.dashboardUrl())
  await waitForText(cardOf(page, 'echo'), 'Ready')
  expectComplaints(/ERR_(CONNECTION_(REFUSED|RESET)|SOCKET_NOT_CONNECTED)|WebSocket connection to/)
  await other.stop()
  await waitForText(page.getByRole('alert'), /Not connected since \d\d:\d\d:\d\d/)
  await page.getByRole('heading', { name: /as declared at \d\d:\d\d:\d\d/ }).waitFor()
  await waitForText(page.getByRole('complementary'), /orc is tried again/)
  expect(await cardOf(page, 'echo').count()).toBe(1)
  expect(await findBreaches(page)).toEqual([])
})

test.each(['light', 'dark'] as const)('nothing stands in the way of a reader, %s', async (colorScheme) => {
  const signIn = await site.visit(site.orc.url)
  await signIn.page.emulateMedia({ colorScheme })
  await signIn.page.getByLabel('One-time code').waitFor()
  expect(await findBreaches(signIn.page)).toEqual([])

  const { page } = await site.visit()
  await page.emulateMedia({ colorScheme })
  await waitForText(cardOf(page, 'echo'), /\d\.\d\d/)
  for (const width of [1440, 768, 360]) {
    await page.setViewportSize({ width, height: 900 })
    expect(await findBreaches(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  }
})

/** A service that listens where it is told to; line 7 holds the number of replicas. */
function manifestOf(name: string, replicas = 1): string {
  return `apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata:
  name: ${name}
spec:
  command: [node, -e, "require('node:http').createServer((q, r) => r.end('ok')).listen(process.env.PORT, '127.0.0.1')"]
  replicas: ${String(replicas)}
  ports: [{name: http, port: 0}]
  readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1}
`
}

async function pidOf(page: Visit['page'], name: string): Promise<number> {
  return Number(/pid (\d+)/.exec(await waitForText(cardOf(page, name), /pid \d+/))?.[1])
}

async function restartsOf(page: Visit['page'], name: string): Promise<number> {
  const fact = cardOf(page, name).locator('div', { has: page.getByText('Restarts', { exact: true }) })
  return Number(await fact.getByRole('definition').innerText())
}

async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => ') X')
  return !/\) [ZX]/.test(stat)
}
