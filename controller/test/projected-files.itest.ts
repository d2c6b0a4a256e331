import { readdirSync, readFileSync, statSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HandedFile } from '../src/runtime/runtime.ts'
import { ProjectedFiles, revisionIn } from '../src/runtime/local/projected-files.ts'

let dir: string
let projected: ProjectedFiles

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'orc-files-'))
  projected = new ProjectedFiles(dir, { info: () => undefined, warn: () => undefined, error: () => undefined })
})

afterEach(() => rm(dir, { recursive: true, force: true }))

const file = (name: string, text: string, mode = 0o400): HandedFile => ({
  path: name,
  content: Buffer.from(text),
  mode,
})
const visible = (directory: string): string[] => readdirSync(directory).filter((name) => !name.startsWith('..'))

test('a change takes the place of what was there: names come and go, modes are as asked', async () => {
  const directory = await projected.create('run', 'r1', [file('a', '1'), file('tls/key', '1'), file('gone', '1')])
  expect(statSync(directory).mode & 0o777).toBe(0o700)
  expect(revisionIn(directory)).toBe('r1')
  await projected.replace(directory, 'r2', [file('a', '2', 0o640), file('tls/key', '2'), file('new', '2')])
  expect(visible(directory)).toEqual(['a', 'new', 'tls'])
  expect(readFileSync(path.join(directory, 'tls/key'), 'utf8')).toBe('2')
  expect(statSync(path.join(directory, 'a')).mode & 0o777).toBe(0o640)
  await projected.replace(directory, 'r3', [])
  expect(visible(directory)).toEqual([])
  expect(readdirSync(directory).toSorted()).toEqual(['..data', '..r2', '..r3'])
  await projected.sweep(new Set(['run']))
  expect(revisionIn(directory)).toBe('r3')
  await projected.sweep(new Set())
  expect(readdirSync(dir)).toEqual([])
})

/**
 * Opens the files again and again; says what it saw that it should not, how often it looked, what it saw, and how often it
 * came too late: one that sleeps on its way for more than a change finds the version gone that it had begun with.
 */
const READER = `
import os, sys
directory, seen, looks, late = sys.argv[1], set(), 0, 0
print('ready', flush=True)
while not os.path.exists(directory + '/stop'):
    looks += 1
    try:
        for name in ('a', 'b'):
            text = open(directory + '/' + name).read()
            if len(text) != 5000 or len(set(text)) != 1: sys.exit('torn: %r' % text[:20])
        at = os.open(directory + '/..data', os.O_RDONLY)
        pair = [os.read(os.open(name, os.O_RDONLY, dir_fd=at), 5000) for name in ('a', 'b')]
        if pair[0] != pair[1]: sys.exit('mixed')
        seen.add(pair[0][:1])
    except FileNotFoundError:
        late += 1
    os.closerange(3, 20)
print(looks, len(seen), late)
`

test('a reader that hammers sees old or new, whole, and never a mix', async () => {
  const content = (change: number): HandedFile[] =>
    ['a', 'b'].map((name) => file(name, String.fromCodePoint(97 + (change % 26)).repeat(5000)))
  const directory = await projected.create('run', 'r0', content(0))
  const reader = spawn('python3', ['-c', READER, directory], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(reader, 'exit') as Promise<[number]>
  let output = ''
  for (const stream of [reader.stdout, reader.stderr])
    stream.on('data', (piece: Buffer) => (output += piece.toString()))
  await once(reader.stdout, 'data')
  for (let change = 1; change <= 300; change += 1)
    await projected.replace(directory, `r${String(change)}`, content(change))
  await projected.replace(directory, 'end', [...content(301), file('stop', '')])
  const [code] = await exited
  expect([code, output]).toEqual([0, expect.stringMatching(/^ready\n\d+ \d+ \d+\n$/)])
  const [looks = 0, versions = 0, late = 0] = output.replace('ready', '').trim().split(' ').map(Number)
  expect(versions).toBeGreaterThan(5)
  expect(late).toBeLessThan(looks / 10)
})
