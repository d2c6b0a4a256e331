import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { extractTar, tarEntries } from './tar.mjs'

function entry(name, content, type = '0') {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000755', 100)
  header.write(content.length.toString(8).padStart(11, '0'), 124)
  header.write(type, 156)
  const body = Buffer.alloc(Math.ceil(content.length / 512) * 512)
  body.write(content)
  return Buffer.concat([header, body])
}

const archive = (...entries) => Buffer.concat([...entries, Buffer.alloc(1024)])

describe('tar', () => {
  let directory
  beforeEach(() => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'orc-tar-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  test('lists plain files and leaves out directories and links', () => {
    const entries = [
      ...tarEntries(archive(entry('lib/', '', '5'), entry('lib/a', 'x'.repeat(700)), entry('l', '', '2'))),
    ]
    expect(entries.map(({ name, content }) => [name, content.length])).toEqual([['lib/a', 700]])
  })

  test('writes files with their mode', () => {
    extractTar(archive(entry('bin/run', 'hello')), directory)
    expect(readFileSync(path.join(directory, 'bin/run'), 'utf8')).toBe('hello')
    expect(statSync(path.join(directory, 'bin/run')).mode & 0o100).toBe(0o100)
  })

  test('refuses an entry that leads out of the target', () => {
    expect(() => extractTar(archive(entry('../evil', 'x')), directory)).toThrow('outside of itself')
  })
})
