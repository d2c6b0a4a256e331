import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSameJson } from './same-json.ts'

test('a copy is the same, whatever the order of its fields and however often it says undefined', () => {
  const mixed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(mixed)
    if (typeof value !== 'object' || value === null) return value
    const fields = Object.entries(value).reverse()
    return Object.fromEntries([...fields.map(([name, field]) => [name, mixed(field)]), ['absent', undefined]])
  }
  fc.assert(fc.property(fc.jsonValue(), (value) => isSameJson(value, mixed(value)) && isSameJson(mixed(value), value)))
})

test('what serializes differently is not the same', () => {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted)
    if (typeof value !== 'object' || value === null) return value
    return Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [name, sorted(field), 'field'])
      .concat([['object']])
  }
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 }), (a, b) => {
      expect(isSameJson(a, b)).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)))
    }),
  )
})

test.each([
  [{}, []],
  [{}, null],
  [null, undefined],
  [[1], { 0: 1 }],
  [{ a: 1 }, { b: 1 }],
  [{ a: 1 }, { a: 1, b: 1 }],
  [{ a: '1' }, { a: 1 }],
  [JSON.parse('{"__proto__": {}}'), {}],
  [{}, JSON.parse('{"__proto__": {}}')],
])('%j and %j differ', (a, b) => expect(isSameJson(a, b)).toBe(false))
