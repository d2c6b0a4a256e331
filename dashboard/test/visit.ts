/** A person with a browser: opens pages and remembers everything that the browser complained about. */
import axe from 'axe-core'
import { chromium, type Browser, type Locator, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { startOrc, type Orc } from '../../controller/test/harness.ts'

export interface Visit {
  readonly page: Page
  /** Console errors, uncaught errors and breaches of the content security policy, but for those that are expected. */
  readonly complaints: () => string[]
  /** From now on, and looking back: a browser says more than once, and at times late, that nobody answers. */
  readonly expectComplaints: (about: RegExp) => void
}

/** What the tests of a file share. */
export interface Stage {
  readonly orc: Orc
  /** A page of its own, closed after the test; by default one that is signed in. */
  visit(url?: string): Promise<Visit>
}

/**
 * A browser and a controller from the first to the last test of a file. After each test its pages are closed, and must not
 * have complained of anything that was not expected.
 */
export function stage(manifests: Readonly<Record<string, string>>): Stage {
  let browser: Browser
  let orc: Orc
  let visits: Visit[] = []
  beforeAll(async () => {
    browser = await launchBrowser()
    orc = await startOrc({ manifests })
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
  return {
    get orc() {
      return orc
    },
    async visit(url) {
      const opened = await openPage(browser, url ?? (await orc.dashboardUrl()))
      visits.push(opened)
      return opened
    },
  }
}

function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['ORC_TEST_CHROMIUM']
  if (executablePath === undefined) throw new Error('ORC_TEST_CHROMIUM is not set')
  // Root has no sandbox, containers have no GPU, and tests want no traffic of the browser's own.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
  return chromium.launch({ executablePath, args })
}

async function openPage(browser: Browser, url: string): Promise<Visit> {
  // Without the locale Chromium says en-US@posix here; a transition caught halfway has no colour to judge.
  const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce' })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.exposeFunction('orcTestComplain', (text: string) => complaints.push(text))
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      Reflect.get(globalThis, 'orcTestComplain')(`${violatedDirective} blocked ${blockedURI}`)
    })
  })
  await page.goto(url)
  const expected: RegExp[] = []
  return {
    page,
    complaints: () => complaints.filter((text) => !expected.some((about) => about.test(text))),
    expectComplaints: (about) => expected.push(about),
  }
}

/** The card of a service or a file. */
export function cardOf(page: Page, name: string): Locator {
  return page.getByRole('article', { name, exact: true })
}

export async function waitForText(place: Locator, text: string | RegExp, timeoutMs = 15_000): Promise<string> {
  const found = place.getByText(text).first()
  await found.waitFor({ timeout: timeoutMs })
  return found.innerText()
}

/** Breaches of WCAG 2.2 A and AA and of axe's own good practice, each with the elements. */
export async function findBreaches(page: Page): Promise<string[]> {
  // By evaluate: a script tag would be stopped by the content security policy.
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (Reflect.get(globalThis, 'axe') as typeof axe).run(document))
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`)
}
