import { mkdir, mkdtemp, rename, rm, unlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { watchManifests, type ManifestWatcher } from '../src/manifests/manifest-watcher.ts'
import { poll } from './harness.ts'

let root: string
let watcher: ManifestWatcher
const hints = new Set<string>()

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'orc-watch-'))
  hints.clear()
})

afterEach(async () => {
  await watcher.close()
  await rm(root, { recursive: true, force: true })
})

/** Two saves within chokidar's throttle may be told as one; the store looks again by itself. */
const apart = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 200))
const hinted = (file: string): Promise<true> =>
  poll(
    `a hint of ${file}`,
    () => hints.delete(file) || undefined,
    5000,
    () => [...hints].join(', '),
  )

describe.each([
  ['each file', 2000],
  ['directories', 0],
])('watching %s', (_, mostFiles) => {
  const watch = async (): Promise<void> => {
    watcher = await watchManifests(root, { onHint: (file) => hints.add(file), onTrouble: () => undefined, mostFiles })
  }

  test('sees saves in place, by rename and by vim, and removals', async () => {
    await writeFile(path.join(root, 'a.yaml'), '1')
    await watch()
    await writeFile(path.join(root, 'a.yaml'), '2')
    await hinted('a.yaml')
    await apart()
    await writeFile(path.join(root, 'a.yaml.new~'), '3')
    await rename(path.join(root, 'a.yaml.new~'), path.join(root, 'a.yaml'))
    await hinted('a.yaml')
    await apart()
    await rename(path.join(root, 'a.yaml'), path.join(root, 'a.yaml~'))
    await writeFile(path.join(root, 'a.yaml'), '4')
    await hinted('a.yaml')
    await apart()
    await unlink(path.join(root, 'a.yaml'))
    await hinted('a.yaml')
  })

  test('sees new directories, and what was moved in with one', async () => {
    await writeFile(path.join(root, 'x.yaml'), '1')
    await watch()
    await mkdir(path.join(root, 'deep/er'), { recursive: true })
    await poll('a hint below', async () => {
      await writeFile(path.join(root, 'deep/er/b.yaml'), String(Math.random()))
      return hints.has('deep/er/b.yaml') || undefined
    })
    const outside = await mkdtemp(path.join(os.tmpdir(), 'orc-outside-'))
    await writeFile(path.join(outside, 'c.yaml'), '1')
    await rename(outside, path.join(root, 'moved'))
    await hinted('moved/c.yaml')
  })

  test('passes over editors’ leftovers and hidden directories', async () => {
    await writeFile(path.join(root, 'x.yaml'), '1')
    await mkdir(path.join(root, '.git'))
    await watch()
    for (const name of ['.x.yaml.swp', '#x.yaml#', '.git/y.yaml', '.hidden.yaml'])
      await writeFile(path.join(root, name), '1')
    await writeFile(path.join(root, 'z.yaml'), '1')
    await hinted('z.yaml')
    expect([...hints].filter((hint) => /\.ya?ml$/.test(hint) && !hint.startsWith('#'))).toEqual([])
  })
})
