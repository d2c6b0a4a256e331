import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RowLayout } from './row-layout.ts'
import { ScrollScale } from './scroll-scale.ts'

test('every height belongs to the row that stands there', () => {
  const tall = fc.uniqueArray(fc.record({ index: fc.nat(49), extraPx: fc.integer({ min: 1, max: 90 }) }), {
    selector: ({ index }) => index,
    maxLength: 8,
  })
  fc.assert(
    fc.property(tall, (rows) => {
      const layout = new RowLayout(50, 20, rows)
      for (let index = 0; index < 50; index += 1) {
        expect(layout.indexAt(layout.topOf(index))).toBe(index)
        expect(layout.indexAt(layout.topOf(index + 1) - 1)).toBe(index)
      }
      expect(layout.heightPx).toBe(1000 + rows.reduce((sum, { extraPx }) => sum + extraPx, 0))
    }),
  )
})

test('a list that fits is scrolled as it is', () => {
  const scale = new ScrollScale(10_000)
  scale.resize(5000, 500)
  scale.moveBar(1234)
  expect([scale.barHeightPx, scale.topPx, scale.isAtEnd]).toEqual([5000, 1234, false])
  scale.goTo(Infinity)
  expect([scale.topPx, scale.barPx, scale.isAtEnd]).toEqual([4500, 4500, true])
})

test('of one that is too high, small steps are exact and large ones go to their share', () => {
  const scale = new ScrollScale(10_000)
  scale.resize(1_000_000, 500)
  expect(scale.barHeightPx).toBe(10_000)
  scale.moveBar(4750)
  expect(scale.topPx).toBe(499_750)
  scale.moveBar(4770)
  expect(scale.topPx).toBe(499_770)
  scale.settle()
  expect(scale.barPx).toBeCloseTo(4750.2, 1)
})

test('by small steps both ends are reached', () => {
  const scale = new ScrollScale(2000)
  scale.resize(20_000, 500)
  for (let step = 0; step < 1000 && !scale.isAtEnd; step += 1) scale.moveBar(Math.min(1500, scale.barPx + 100))
  expect(scale.isAtEnd).toBe(true)
  for (let step = 0; step < 1000 && scale.topPx > 0; step += 1) scale.moveBar(Math.max(0, scale.barPx - 100))
  expect(scale.topPx).toBe(0)
})
