import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withLock } from './lock.mjs'

const lockModule = new URL('./lock.mjs', import.meta.url).href

// Each turn owns a file that only one process can create, and writes a line if another one is in the room.
const contender = `
  import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
  import { withLock } from ${JSON.stringify(lockModule)}
  const [directory, turns] = process.argv.slice(1)
  for (let turn = 0; turn < Number(turns); turn++) {
    await withLock(directory, async () => {
      try {
        writeFileSync(directory + '/room', '', { flag: 'wx' })
      } catch {
        appendFileSync(directory + '/met', 'met another\\n')
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
      rmSync(directory + '/room', { force: true })
      appendFileSync(directory + '/turns', 'x')
    })
  }
`

const deadPid = () => spawnSync(process.execPath, ['--version']).pid

describe('withLock', () => {
  let directory
  beforeEach(() => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'orc lock '))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  test('lets one process in at a time, also when all of them find the lock of a dead one', async () => {
    writeFileSync(path.join(directory, 'lock.41'), `${deadPid()} 12345`)
    const args = ['--input-type=module', '--eval', contender, directory, '4']
    await Promise.all(Array.from({ length: 6 }, () => promisify(execFile)(process.execPath, args)))
    expect(readdirSync(directory)).not.toContain('met')
    expect(readFileSync(path.join(directory, 'turns'), 'utf8')).toBe('x'.repeat(24))
  })

  test('takes over from a process whose pid now belongs to another one', async () => {
    writeFileSync(path.join(directory, 'lock.1'), `${process.pid} 1`)
    await expect(withLock(directory, async () => 'done')).resolves.toBe('done')
  })

  test('is given back when the work fails', async () => {
    await expect(withLock(directory, () => Promise.reject(new Error('work')))).rejects.toThrow('work')
    await expect(withLock(directory, async () => 'done')).resolves.toBe('done')
  })

  test('says once whom it waits for', async () => {
    const waits = []
    const first = withLock(directory, () => new Promise((resolve) => setTimeout(resolve, 250)))
    await withLock(directory, async () => {}, { onWait: (pid) => waits.push(pid) })
    await first
    expect(waits).toEqual([process.pid])
  })

  test('keeps one file, however often it is taken', async () => {
    for (let turn = 0; turn < 5; turn++) await withLock(directory, async () => {})
    expect(readdirSync(directory)).toEqual(['lock.5'])
  })
})
