import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { RESOURCES, type AgentService, type Pod } from '@orc/schemas'
import { afterEach, describe, expect, test } from 'vitest'
import { startOrc, type Orc } from '../../controller/test/harness.ts'
import { orc } from './run-orc.ts'

let controller: Orc | undefined

afterEach(async () => {
  await controller?.stop()
  controller = undefined
})

const agent = (name: string, more = ''): string =>
  `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}}\nspec:\n  command: [sleep, "300"]\n${more}`

describe('orc confirm', () => {
  test('lets held services go, one or all, and nothing else', async () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const current = (controller = await startOrc({
      manifests: Object.fromEntries(names.map((name) => [`${name}.yaml`, agent(name)])),
    }))
    const env = { ORC_STATE_DIR: current.stateDir }
    const pids = await current.waitFor('five pids', async () => {
      const { items } = await current.client.list<Pod>(RESOURCES.pods)
      const found = items.flatMap(({ status }) => status.orc.pid ?? [])
      return found.length === 5 ? found : undefined
    })
    expect(await orc(['confirm'], { env })).toMatchObject({ code: 0, stdout: 'Nothing is held.\n' })
    for (const name of names.slice(0, 4))
      await rename(path.join(current.manifestsDir, `${name}.yaml`), path.join(current.dir, `${name}.yaml`))
    const listed = await current.waitFor('the hold', async () => {
      const { stdout } = await orc(['confirm', '--list'], { env })
      return stdout.includes('default/a, vanished at') ? stdout : undefined
    })
    expect(listed.trim().split('\n')).toHaveLength(4)
    for (const pid of pids) expect(existsSync(`/proc/${String(pid)}`)).toBe(true)
    expect(await orc(['confirm', 'e'], { env })).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('None of these is held; held are a, b, c, d') as string,
    })
    expect(await orc(['confirm', 'a'], { env })).toMatchObject({
      code: 0,
      stdout: 'agentservice.orc.dev "a" deleted\n',
    })
    expect((await orc(['confirm'], { env })).stdout.trim().split('\n')).toHaveLength(3)
    expect(
      (await current.client.list<AgentService>(RESOURCES.agentservices)).items.map(({ metadata }) => metadata.name),
    ).toEqual(['e'])
    await current.waitFor(
      'four processes to end',
      () => pids.filter((pid) => existsSync(`/proc/${String(pid)}`)).length === 1 || undefined,
    )
  })
})

test('orc get manifest shows the file as it is, by its path', async () => {
  // One that cannot be parsed is read all the same.
  const text = `# kept\n${agent('a')}  broken: [\n`
  controller = await startOrc({ manifests: { 'Team.yaml': text } })
  const env = { ORC_STATE_DIR: controller.stateDir }
  const shown = await orc(['get', 'manifest', 'Team.yaml', '-o', 'jsonpath={.spec.text}'], { env })
  expect(shown).toMatchObject({ code: 0, stdout: text })
})

describe('orc validate', () => {
  test('tells every mistake of every file with its place, without a controller', async () => {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'orc-validate-'))
    try {
      await writeFile(path.join(dir, 'a.yaml'), agent('a', '  replcas: 2\n  restartPolicy: Perhaps\n'))
      await writeFile(path.join(dir, 'b.yaml'), agent('b', '  readinessProbe: {notify: {}}\n'))
      await writeFile(path.join(dir, 'c.yaml'), `${agent('c')}---\n${agent('b')}`)
      const result = await orc(['validate', dir])
      expect(result.code).toBe(1)
      expect(result.stdout).toBe('3 files, 3 objects: 3 errors\n')
      expect(result.stderr).toContain(
        `${dir}/a.yaml:6:3: spec.replcas: unknown field "replcas"; did you mean "replicas"?`,
      )
      expect(result.stderr).toContain(
        `${dir}/a.yaml:7:18: spec.restartPolicy: must be one of Always, OnFailure, Never; got "Perhaps"`,
      )
      expect(result.stderr).toContain(
        `Warning: ${dir}/b.yaml:6:20: spec.readinessProbe.notify has no effect in this version`,
      )
      expect(result.stderr).toMatch(/c\.yaml: AgentService\/default\/b is declared in .*b\.yaml too/)
      expect(await readdir(dir)).toEqual(['a.yaml', 'b.yaml', 'c.yaml'])
    } finally {
      await rm(dir, { recursive: true })
    }
  })

  test('what is shipped is valid', async () => {
    const manifests = path.resolve(import.meta.dirname, '../../manifests')
    expect(await orc(['validate', manifests])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+ files, \d+ objects: all valid\n$/) as string,
    })
  })
})
