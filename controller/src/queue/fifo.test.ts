import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fifo } from './fifo.ts'

test('keeps the order of any interleaving of pushes and shifts', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat())), (steps) => {
      const fifo = new Fifo<number>()
      const model: number[] = []
      for (const step of steps) {
        if (step === null) expect(fifo.shift()).toBe(model.shift())
        else void (fifo.push(step), model.push(step))
        expect(fifo.length).toBe(model.length)
      }
    }),
  )
})

test('100,000 items leave in a time that grows with their number, not its square', () => {
  const fifo = new Fifo<number>()
  for (let i = 0; i < 100_000; i++) fifo.push(i)
  const before = process.cpuUsage()
  while (fifo.shift() !== undefined);
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(500)
})
