import { expect, test } from 'vitest'
import { cycleSentence, findDependencyCycle } from './dependencies.ts'
import { keyOf, type Key } from './resource.ts'

const key = (name: string): Key => {
  const [namespace = '', own] = name.includes('/') ? name.split('/') : ['default', name]
  return keyOf('AgentService', namespace, own ?? '')
}

const cycleOf = (start: string, edges: Record<string, string[]>): string | undefined => {
  const graph = new Map(Object.entries(edges).map(([from, to]) => [key(from), to.map(key)]))
  const cycle = findDependencyCycle(key(start), (service) => graph.get(service) ?? [])
  return cycle === undefined ? undefined : cycleSentence(cycle)
}

test.each<[string, Record<string, string[]>, string | undefined]>([
  ['a', {}, undefined],
  ['a', { a: ['b'], b: ['c'] }, undefined],
  ['a', { a: ['a'] }, 'a -> a'],
  ['a', { a: ['b'], b: ['a'] }, 'a -> b -> a'],
  ['a', { a: ['x', 'b'], b: ['c'], c: ['y', 'a'], x: ['y'] }, 'a -> b -> c -> a'],
  // A cycle of others, which it merely depends on, is theirs.
  ['a', { a: ['b'], b: ['c'], c: ['b'] }, undefined],
  ['a', { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }, undefined],
  ['a', { a: ['team/b'], 'team/b': ['a'] }, 'a -> team/b -> a'],
])('%s in %j', (start, edges, way) => {
  const wanted = `The service depends on itself: ${String(way)}. Remove one of these from a dependsOn.`
  expect(cycleOf(start, edges)).toBe(way === undefined ? undefined : wanted)
})

test('a long chain and a dense graph are looked through once', () => {
  const names = Array.from({ length: 300 }, (_, index) => `s${String(index)}`)
  const dense = Object.fromEntries(names.map((name, index) => [name, names.slice(index + 1)]))
  expect(cycleOf('s0', dense)).toBeUndefined()
  expect(cycleOf('s0', { ...dense, s299: ['s0'] })).toContain('s0 -> ')
})
