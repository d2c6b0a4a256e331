import { expect, test } from 'vitest'
import { DIRECTORY_LIMITS, DirectoryLimits } from './directory-limits.ts'

test('a file that would be too much is refused and not counted; what goes makes room', () => {
  const limits = new DirectoryLimits()
  expect(limits.admit('a', DIRECTORY_LIMITS.bytes - 10)).toBeUndefined()
  expect(limits.admit('b', 11)).toContain('64 MiB together')
  expect(limits.admit('b', 10)).toBeUndefined()
  expect(limits.admit('a', 5)).toBeUndefined()
  expect(limits.admit('c', 100)).toBeUndefined()
  limits.forget('c')
  limits.forget('never there')
  expect(limits.admit('d', DIRECTORY_LIMITS.bytes - 15)).toBeUndefined()
})

test('so is the file after the last allowed one, but a known file may change', () => {
  const limits = new DirectoryLimits()
  for (let index = 0; index < DIRECTORY_LIMITS.files; index += 1) expect(limits.admit(String(index), 1)).toBeUndefined()
  expect(limits.admit('one more', 1)).toContain('more than 10000 files')
  expect(limits.admit('5', 2)).toBeUndefined()
})
