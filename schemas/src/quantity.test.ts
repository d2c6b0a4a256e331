import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatBytes, parseQuantity } from './quantity.ts'

test.each([
  ['100m', 0.1],
  ['250000n', 0.00025],
  ['1', 1],
  [2, 2],
  ['1.5', 1.5],
  ['64Mi', 67_108_864],
  ['1k', 1000],
  ['1Ki', 1024],
  ['2Gi', 2_147_483_648],
  ['3T', 3e12],
] as const)('%s is %d', (text, value) => {
  expect(parseQuantity(text)).toBeCloseTo(value, 10)
})

test.each(['', 'x', '-1', '1MB', '1e309', '1 Gi', '0x10', 'Mi', -1, Infinity, NaN])('%s is none', (text) => {
  expect(parseQuantity(text)).toBeUndefined()
})

test('bytes are shown in the largest binary unit, and read back to within its rounding', () => {
  expect([0, 512, 1024, 1536, 67_108_864, 1_288_490_189].map(formatBytes)).toEqual([
    '0',
    '512',
    '1Ki',
    '1.5Ki',
    '64Mi',
    '1.2Gi',
  ])
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 53 }), (bytes) => {
      const back = parseQuantity(formatBytes(bytes)) ?? NaN
      expect(Math.abs(back - bytes)).toBeLessThanOrEqual(bytes * 0.051)
    }),
  )
})
