/** A manifest edited in the browser: errors at their line, a reviewed change on the disk, and nobody's edit lost. */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { cardOf, findBreaches, stage, waitForText } from './visit.ts'

const names = ['alpha', 'beta', 'gamma']
const manifests = Object.fromEntries(names.map((name) => [`${name}.yaml`, manifestOf(name)]))
const site = stage(manifests)

test('an error is told at its line while typing; what is reviewed is what the file gets, comments and all', async () => {
  const page = await edit('alpha')
  await waitForText(page.getByRole('main'), 'Valid')
  await typeAtEnd(page, '  replcas: 2')
  await page.getByRole('button', { name: 'line 7' }).waitFor()
  await page.locator('.cm-lint-marker-error').waitFor()
  expect(await page.getByRole('button', { name: 'Review and save…' }).isDisabled()).toBe(true)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await findBreaches(page)).toEqual([])
  }
  await page.getByRole('button', { name: 'Discard' }).click()
  await typeAtEnd(page, '  description: changed')
  await page.getByRole('button', { name: 'Review and save…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Save alpha.yaml' })
  await dialog.getByText('description: changed').waitFor()
  await dialog.getByText('AgentService default/alpha').waitFor()
  await dialog.getByText('restarts nothing.').waitFor()
  expect(await readFile(fileOf('alpha'), 'utf8')).toBe(manifestOf('alpha'))
  await dialog.getByRole('button', { name: 'Write manifest' }).click()
  await waitForText(page.getByRole('status'), 'Wrote alpha.yaml.')
  expect(await readFile(fileOf('alpha'), 'utf8')).toBe(`${manifestOf('alpha')}  description: changed`)
})

test('an edit on the disk is told, merged on request, and both are kept', async () => {
  const page = await edit('beta')
  await typeAtEnd(page, '  description: mine')
  await writeFile(fileOf('beta'), `# theirs\n${manifestOf('beta')}`)
  await page.getByRole('button', { name: 'Merge with mine' }).click()
  await waitForText(page.getByRole('main'), 'Nothing is written yet.')
  await page.getByRole('button', { name: 'Review and save…' }).click()
  await page.getByRole('button', { name: 'Write manifest' }).click()
  await waitForText(page.getByRole('status'), 'Wrote beta.yaml.')
  expect(await readFile(fileOf('beta'), 'utf8')).toBe(`# theirs\n${manifestOf('beta')}  description: mine`)
})

test('where both changed the same line, the review shows both, on a phone too', async () => {
  const page = await edit('gamma')
  await typeAtEnd(page, '  description: mine')
  await page.setViewportSize({ width: 360, height: 800 })
  expect(await findBreaches(page)).toEqual([])
  await writeFile(fileOf('gamma'), `${manifestOf('gamma')}  description: theirs`)
  await page.getByRole('button', { name: 'Merge with mine' }).click()
  await waitForText(page.getByRole('main'), /^Both changed the same lines/)
  await page.getByRole('button', { name: 'Review and save…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Save gamma.yaml' })
  await dialog.getByText('description: theirs').waitFor()
  await dialog.getByText('description: mine').waitFor()
  expect(await findBreaches(page)).toEqual([])
  expect(await readFile(fileOf('gamma'), 'utf8')).toContain('description: theirs')
})

async function edit(name: string): Promise<Page> {
  const visit = await site.visit()
  const { page } = visit
  await cardOf(page, name).getByRole('link', { name, exact: true }).click()
  await page.getByRole('link', { name: 'Edit manifest' }).click()
  await page.getByRole('textbox', { name: `Text of ${name}.yaml` }).waitFor()
  return page
}

async function typeAtEnd(page: Page, line: string): Promise<void> {
  await page.getByRole('textbox', { name: /^Text of/ }).focus()
  await page.keyboard.press('Control+End')
  await page.keyboard.insertText(line)
}

function fileOf(name: string): string {
  return path.join(site.orc.manifestsDir, `${name}.yaml`)
}

function manifestOf(name: string): string {
  return `# a comment to keep
apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata: { name: ${name} }
spec:
  command: [sleep, "86400"]
`
}
