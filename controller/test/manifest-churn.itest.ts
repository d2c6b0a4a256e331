/** Checkouts, moves and saves of many files: nothing that did not change is stopped, and all of it is taken in soon. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { RESOURCES, type AgentService, type Pod } from '@orc/schemas'
import { afterEach, describe, expect, test } from 'vitest'
import { startOrc, type Orc } from './harness.ts'

const isLong = process.env['ORC_TEST_LONG'] !== undefined
const ROUNDS = isLong ? 20 : 4
/** 3 s is the promise; beside other tests on a busy host there is room for more. */
const WITHIN_MS = isLong ? 3000 : 10_000
const hasGit = spawnSync('git', ['--version']).status === 0

let orc: Orc | undefined

afterEach(async () => {
  await orc?.stop()
  orc = undefined
})

const text = (name: string, description: string, mode = 'Running'): string =>
  `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}}\nspec:\n  command: [sleep, "300"]\n  description: ${description}\n  operatingMode: ${mode}\n`

async function pids({ client }: Orc): Promise<Record<string, number | undefined>> {
  const { items } = await client.list<Pod>(RESOURCES.pods)
  return Object.fromEntries(
    items.flatMap(({ metadata, status }) => (status.orc.pid === undefined ? [] : [[metadata.name, status.orc.pid]])),
  )
}

async function services({ client }: Orc): Promise<readonly AgentService[]> {
  return (await client.list<AgentService>(RESOURCES.agentservices)).items
}

function allReady(current: Orc, count: number): Promise<true> {
  return current.waitFor(
    `${String(count)} running services`,
    async () => Object.keys(await pids(current)).length === count || undefined,
    30_000,
  )
}

describe.skipIf(!hasGit && process.env['CI'] === undefined)('git (skipped where there is no git)', () => {
  test(`checkout of 300 files, ${String(ROUNDS)} times: no process is stopped, each is taken in within 3 s`, async () => {
    const names = Array.from({ length: 300 }, (_, index) => `s${String(index)}`)
    const files = (branch: string): Record<string, string> =>
      Object.fromEntries(
        names.map((name, index) => [
          `team-${String(index % 7)}/${name}.yaml`,
          text(name, branch, index < 30 ? 'Running' : 'Stopped'),
        ]),
      )
    const current = (orc = await startOrc({ manifests: files('one') }))
    const git = (...args: string[]): void => {
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
        cwd: current.manifestsDir,
        stdio: 'ignore',
      })
    }
    git('init', '-b', 'one')
    git('add', '.')
    git('commit', '-m', 'one')
    git('checkout', '-b', 'two')
    for (const [file, content] of Object.entries(files('two')))
      await writeFile(path.join(current.manifestsDir, file), content)
    git('commit', '-am', 'two')
    await allReady(current, 30)
    const before = await pids(current)
    const settledMs: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const branch = round % 2 === 0 ? 'one' : 'two'
      git('checkout', branch)
      const beganMs = performance.now()
      await current.waitFor(
        `all of ${branch}`,
        async () => (await services(current)).every(({ spec }) => spec.description === branch) || undefined,
        WITHIN_MS,
      )
      settledMs.push(Math.round(performance.now() - beganMs))
      expect((await services(current)).length).toBe(300)
    }
    expect(await pids(current)).toEqual(before)
    expect((await services(current)).map(({ status }) => status?.restartCount ?? 0)).toEqual(names.map(() => 0))
    console.log(`${String(ROUNDS)} checkouts of 300 files, each taken in after ${settledMs.join(', ')} ms`)
  })
})

test(`moves in, across and out of directories, splits and joins, ${String(ROUNDS)} times: no process is stopped`, async () => {
  const current = (orc = await startOrc({ manifests: { 'a.yaml': text('a', 'x'), 'b.yaml': text('b', 'x') } }))
  const at = (...parts: string[]): string => path.join(current.manifestsDir, ...parts)
  await allReady(current, 2)
  const before = await pids(current)
  const outside = path.join(current.dir, 'outside.yaml')
  await mkdir(at('sub/deep'), { recursive: true })
  for (let round = 0; round < ROUNDS; round += 1) {
    await rename(at('a.yaml'), at('sub/a.yaml'))
    await rename(at('sub/a.yaml'), at('sub/deep/a.yaml'))
    // Out and back, as an editor or a person who changes his mind does within a second.
    await rename(at('b.yaml'), outside)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await rename(outside, at('b.yaml'))
    // Joined into one file and split again.
    await writeFile(at('both.yaml'), `${text('a', 'x')}---\n${text('b', 'x')}`)
    await rename(at('b.yaml'), outside)
    await rename(at('sub/deep/a.yaml'), path.join(current.dir, 'a.yaml'))
    await new Promise((resolve) => setTimeout(resolve, 1500))
    await writeFile(at('b.yaml'), text('b', 'x'))
    await writeFile(at('a.yaml'), text('a', 'x'))
    await rename(at('both.yaml'), path.join(current.dir, 'both.yaml'))
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  await new Promise((resolve) => setTimeout(resolve, 2500))
  expect(await pids(current)).toEqual(before)
  const all = await services(current)
  expect(all.map(({ status }) => status?.restartCount)).toEqual([0, 0])
})
