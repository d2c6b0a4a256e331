import { expect, test } from 'vitest'
import { deepFreeze } from './deep.ts'

test('freezes all the way down, also below what was frozen already', () => {
  const inner = { list: [{ x: 1 }] }
  const value = deepFreeze({ outer: Object.freeze({ inner }) })
  expect(() => (inner.list[0] as { x: number }).x++).toThrow(TypeError)
  expect(() => (inner.list as unknown[]).push(1)).toThrow(TypeError)
  expect(value.outer.inner).toBe(inner)
})
