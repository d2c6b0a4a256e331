/** How ready services were, as bars on the overview, from the samples of a real controller. */
import { expect, test } from 'vitest'
import { cardOf, findBreaches, stage, type Visit, waitForText } from './visit.ts'

const MANIFEST = `apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata: {name: steady}
spec:
  command: [sleep, '1000']
`

const off = MANIFEST.replace('steady', 'off').replace('spec:', 'spec:\n  replicas: 0')
const site = stage({ 'steady.yaml': MANIFEST, 'off.yaml': off })

test('what was sampled is a bar and a share, and what was not wanted is neither up nor down', async () => {
  const { page } = await open()
  const bar = cardOf(page, 'steady').getByRole('img', { name: /^Ready \d+(\.\d)?\s% of the last 24 hours/ })
  await site.orc.waitFor('a sample on the page', async () => {
    if ((await bar.count()) > 0) return true
    await page.reload()
    await cardOf(page, 'steady').getByText('24 h').waitFor()
    return undefined
  })
  await waitForText(cardOf(page, 'steady'), /^\d+(\.\d)?\s%$/)
  await cardOf(page, 'off').getByRole('img', { name: 'Nothing is known of the last 24 hours.' }).waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const width of [1440, 768, 360]) {
      await page.setViewportSize({ width, height: 900 })
      expect(await findBreaches(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('button', { name: 'Table' }).click()
  await page
    .getByRole('row', { name: /steady/ })
    .getByRole('img', { name: /^Ready \d/ })
    .waitFor()
  expect(await findBreaches(page)).toEqual([])
})

test('a history that cannot be read takes nothing else with it', async () => {
  const { page, expectComplaints } = await open()
  expectComplaints(/status of 503/)
  await page.route('**/serviceoverviews*', (route) => route.fulfill({ status: 503, body: '{}' }))
  await page.reload()
  await waitForText(cardOf(page, 'steady'), 'Ready')
  await waitForText(cardOf(page, 'steady'), '–')
  await cardOf(page, 'steady').getByRole('img', { name: 'Nothing is known of the last 24 hours.' }).waitFor()
})

async function open(): Promise<Visit> {
  const visit = await site.visit()
  await cardOf(visit.page, 'steady').waitFor()
  return visit
}
