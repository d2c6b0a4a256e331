import { expect, test } from 'vitest'
import { codeIn } from './one-time-code.ts'

test.each([
  ['#code=K7QF2M', 'K7QF2M'],
  ['http://127.0.0.1:7420/#code=K7QF2M', 'K7QF2M'],
  ['#code=a%2Bb', 'a+b'],
  ['', undefined],
  ['#', undefined],
  ['#code=', undefined],
  ['#AgentService%2Fdefault%2Fcode', undefined],
  ['K7QF2M', undefined],
])('in %j it is %j', (text, code) => {
  expect(codeIn(text)).toBe(code)
})
