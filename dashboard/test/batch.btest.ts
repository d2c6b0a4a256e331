/** Choosing services and changing several of them at once, each with its reviewed patch, against a real controller. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { cardOf, findBreaches, stage, type Visit, waitForText } from './visit.ts'

const manifests = {
  'alpha.yaml': manifestOf('alpha', 'tool'),
  'beta.yaml': manifestOf('beta', 'model'),
  'gamma.yaml': manifestOf('gamma', 'model'),
}
const site = stage(manifests)

test('what is chosen is in the address, and the address shows it again', async () => {
  const { page } = await open()
  await page.keyboard.press('/')
  await page.keyboard.type('ALPH')
  await cardOf(page, 'beta').waitFor({ state: 'detached' })
  expect(new URL(page.url()).search).toBe('?q=ALPH')
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await cardOf(page, 'beta').waitFor()

  await page.getByLabel('Type').selectOption('model')
  await page.getByRole('button', { name: /^Ready \d/ }).click()
  await cardOf(page, 'alpha').waitFor({ state: 'detached' })
  await page.reload()
  await cardOf(page, 'gamma').waitFor()
  expect(await cardOf(page, 'alpha').count()).toBe(0)

  await page.getByLabel('Filter services').fill('gama')
  await waitForText(page.getByRole('main'), 'No service matches.')
  await page.getByRole('link', { name: 'gamma' }).click()
  await cardOf(page, 'gamma').waitFor()
})

test('the table is remembered, sorts by its heads and groups by type', async () => {
  const { page } = await open()
  await page.getByRole('button', { name: 'Table' }).click()
  await rowOf(page, 'beta').waitFor()
  expect(await namesOf(page)).toEqual(['alpha', 'beta', 'gamma'])
  await page.getByRole('button', { name: 'Service' }).click()
  await page.getByRole('button', { name: /^Service/ }).click()
  await site.orc.waitFor('the other order', async () => (await namesOf(page))[0] === 'gamma' || undefined)
  expect(await page.getByRole('columnheader', { name: /^Service/ }).getAttribute('aria-sort')).toBe('descending')
  await page.getByLabel('Group').selectOption('type')
  await page.getByRole('rowheader', { name: /^model/ }).waitFor()
  await page.reload()
  await page.getByRole('rowheader', { name: /^tool/ }).waitFor()
})

test('two services are stopped with one reviewed patch each, and their comments stay', async () => {
  const { page } = await open()
  await page.getByRole('button', { name: 'Table' }).click()
  await page.getByLabel('Select alpha').click()
  await page.getByLabel('Select beta').click({ modifiers: ['Shift'] })
  await page.getByRole('toolbar').getByText('2 selected').waitFor()
  await page.getByRole('button', { name: 'Stop…' }).click()

  const sheet = page.getByRole('dialog', { name: 'Stop 2 services' })
  await sheet.getByLabel(/^Reason/).fill('tea time')
  await sheet.getByText('2 processes get SIGTERM').waitFor()
  const diff = sheet.getByRole('region', { name: 'alpha.yaml' })
  await diff.getByText('operatingModeReason: tea time').waitFor()
  expect(await readFile(fileOf('alpha'), 'utf8')).not.toContain('operatingMode')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const width of [1440, 360]) {
      await page.setViewportSize({ width, height: 900 })
      expect(await findBreaches(page)).toEqual([])
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 })
  await sheet.getByRole('button', { name: 'Write 2 manifests' }).click()

  await waitForText(page.getByRole('status'), 'Wrote alpha.yaml, beta.yaml.')
  await sheet.waitFor({ state: 'hidden' })
  for (const name of ['alpha', 'beta']) {
    await rowOf(page, name).getByText('Stopped', { exact: true }).waitFor()
    expect(await readFile(fileOf(name), 'utf8')).toContain('# a comment to keep')
  }
  await rowOf(page, 'alpha').getByText('“tea time”').waitFor()
  await rowOf(page, 'gamma').getByText('Ready', { exact: true }).waitFor()

  await page.getByRole('button', { name: 'Start…', exact: true }).click()
  await page.getByRole('button', { name: 'Write 2 manifests' }).click()
  await rowOf(page, 'beta').getByText('Ready', { exact: true }).waitFor({ timeout: 15_000 })
})

test('with the keyboard alone: select, open the review, correct it, write, and be back where one was', async () => {
  const { page } = await open()
  await page.getByRole('button', { name: 'Table' }).focus()
  await page.keyboard.press('Enter')
  await page.getByLabel('Select gamma').focus()
  await page.keyboard.press('Space')
  const scale = page.getByRole('button', { name: 'Scale…' })
  await scale.focus()
  await page.keyboard.press('Enter')
  const sheet = page.getByRole('dialog', { name: 'Scale gamma' })
  await sheet.getByLabel(/^Replicas/).focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.type('x2')
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'hidden' })
  expect(await scale.evaluate((button) => button === document.activeElement)).toBe(true)

  await page.keyboard.press('Enter')
  await sheet.getByLabel(/^Replicas/).fill('')
  await waitForText(sheet.getByRole('alert'), 'A whole number from 0 to 1000.')
  await sheet.getByLabel(/^Replicas/).fill('2')
  await sheet.getByText('1 replica starts').waitFor()
  await sheet.getByRole('button', { name: 'Write 1 manifest' }).waitFor()
  await sheet.getByRole('button', { name: 'Write 1 manifest' }).press('Enter')
  await waitForText(rowOf(page, 'gamma'), '2 of 2 replicas ready')
  expect(await readFile(fileOf('gamma'), 'utf8')).toContain('replicas: 2 # as many')
})

test('what the server refuses is said at its file, and nothing is written', async () => {
  const { page, expectComplaints } = await open()
  await page.getByRole('button', { name: 'Table' }).click()
  await page.getByLabel('Select alpha').click()
  await page.getByRole('button', { name: 'Label…' }).click()
  const sheet = page.getByRole('dialog', { name: 'Label alpha' })
  const before = await readFile(fileOf('alpha'), 'utf8')
  expectComplaints(/status of 422/)
  await sheet.getByLabel(/^Labels/).fill(`team=${'x'.repeat(64)}`)
  await waitForText(sheet, /alpha cannot be written/)
  expect(await sheet.getByRole('button', { name: /^Write/ }).isDisabled()).toBe(true)
  expect(await readFile(fileOf('alpha'), 'utf8')).toBe(before)
})

async function open(): Promise<Visit> {
  const visit = await site.visit()
  await visit.page.getByRole('heading', { name: 'All 3 services are as declared.' }).waitFor()
  return visit
}

function rowOf(page: Page, name: string) {
  return page.getByRole('row').filter({ has: page.getByLabel(`Select ${name}`) })
}

function namesOf(page: Page): Promise<string[]> {
  return page.getByRole('rowheader').getByRole('link').allInnerTexts()
}

function fileOf(name: string): string {
  return path.join(site.orc.manifestsDir, `${name}.yaml`)
}

function manifestOf(name: string, type: string): string {
  return `# a comment to keep
apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata: {name: ${name}, labels: {orc.dev/type: ${type}}}
spec:
  command: [sleep, "86400"]
  replicas: 1 # as many
`
}
