/** Two writers through the API and one editor, all at one file: what was acknowledged is there, nothing is doubled. */
import { execFileSync } from 'node:child_process'
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { decode, type AgentService, type Declared } from '@orc/schemas'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keyFor, open, root, save, setUp, tearDown, warnings, writer } from './store-fixture.ts'

const SECONDS = process.env['ORC_TEST_LONG'] === undefined ? 8 : 60
const KEY = keyFor('a')
const TEXT = `# three hands at one file
apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata:
  name: a
spec:
  command: [sleep, "1"] # the command
  description: v0
  env:
    - {name: LEFT, value: "0"}
    - {name: RIGHT, value: "0"}
`

let file: string

beforeEach(async () => {
  await setUp()
  file = path.join(root, 'a.yaml')
  await save('a.yaml', TEXT)
  await open()
})

afterEach(tearDown)

async function content(): Promise<{ text: string; spec: AgentService['spec'] | undefined }> {
  const text = await readFile(file, 'utf8')
  return { text, spec: (decode(text).documents[0]?.object as AgentService | undefined)?.spec }
}

/** Sets its own variable to rising numbers; the last that was acknowledged. */
async function write(variable: string, until: number): Promise<{ acknowledged: number; refused: number }> {
  let acknowledged = 0
  let refused = 0
  for (let value = 1; performance.now() < until; value += 1) {
    const result = await writer.update(KEY, (current: Declared) => {
      const object = structuredClone(current) as AgentService
      const entry = object.spec.env?.find(({ name }) => name === variable)
      if (entry !== undefined) entry.value = String(value)
      return { ok: true, object }
    })
    if (result.ok) acknowledged = value
    else {
      expect(result.refusal.reason).toBe('Conflict')
      refused += 1
    }
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20))
  }
  return { acknowledged, refused }
}

type Save = (text: string) => Promise<void>

const inPlace: Save = (text) => writeFile(file, text)
const atomic: Save = async (text) => {
  await writeFile(`${file}.new~`, text)
  await rename(`${file}.new~`, file)
}
/** Vim's backup dance: the old file is renamed away, the new one written under its name. */
const vim: Save = async (text) => {
  await rename(file, `${file}~`)
  await writeFile(file, text)
  await rm(`${file}~`)
}
const sed = (value: number): Promise<void> => {
  execFileSync('sed', ['-i', `s/description: v[0-9]*/description: v${String(value)}/`, file])
  return Promise.resolve()
}

/** Edits the description as a person's editor does: it looks whether the file changed since it was read. */
async function edit(until: number): Promise<number> {
  let saved = 0
  for (let value = 1; performance.now() < until; value += 1) {
    const before = await stat(file, { bigint: true }).catch(() => undefined)
    const { text } = await content()
    const next = text.replace(/description: v\d+/, `description: v${String(value)}`)
    const now = await stat(file, { bigint: true }).catch(() => undefined)
    if (before === undefined || now?.mtimeNs !== before.mtimeNs || now.ino !== before.ino || next === text) continue
    const style = value % 4
    if (style === 3) await sed(value)
    else await [inPlace, atomic, vim][style]?.(next)
    saved = value
    await new Promise((resolve) => setTimeout(resolve, 30 + Math.random() * 120))
  }
  return saved
}

test(`every acknowledged change is there after ${String(SECONDS)} s of three hands`, async () => {
  const until = performance.now() + SECONDS * 1000
  const [left, right, saved] = await Promise.all([write('LEFT', until), write('RIGHT', until), edit(until)])
  // The watch over the last write ends.
  await new Promise((resolve) => setTimeout(resolve, 1500))
  const { text, spec } = await content()
  const detail = `${text}\n${warnings.join('\n')}`
  const value = (name: string): number => Number(spec?.env?.find((entry) => entry.name === name)?.value)
  expect(value('LEFT'), detail).toBe(left.acknowledged)
  expect(value('RIGHT'), detail).toBe(right.acknowledged)
  expect(spec?.description, detail).toBe(`v${String(saved)}`)
  expect(left.acknowledged).toBeGreaterThan(20)
  expect(saved).toBeGreaterThan(10)
  expect(text.match(/LEFT/g)).toHaveLength(1)
  for (const kept of ['# three hands at one file', '# the command']) expect(text).toContain(kept)
  expect((await readdir(path.dirname(file))).filter((name) => name !== 'a.yaml')).toEqual([])
}, 90_000)
