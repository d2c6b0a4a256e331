import type { AgentService } from '@orc/schemas'
import { expect, test } from 'vitest'
import { service } from '../../test/fixtures.ts'
import { wavesOf } from './waves.ts'

function needs(name: string, ...others: readonly string[]): AgentService {
  const plain = service(name)
  return { ...plain, spec: { ...plain.spec, dependsOn: others.map((other) => ({ name: other })) } }
}
const names = (waves: readonly AgentService[][]): string[][] =>
  waves.map((wave) => wave.map(({ metadata }) => metadata.name))

test('who depends on somebody comes after all of them', () => {
  const all = [needs('web', 'api', 'db'), needs('api', 'db'), needs('db'), needs('alone')]
  expect(names(wavesOf(all, all))).toEqual([['db', 'alone'], ['api'], ['web']])
})

test('also where the way leads through a service that is not chosen', () => {
  const all = [needs('db'), needs('api', 'db'), needs('web', 'api')]
  expect(names(wavesOf([all[2] ?? needs('x'), needs('db')], all))).toEqual([['db'], ['web']])
})

test('a dependency that is not there, in another namespace, or in a circle, ends in an order all the same', () => {
  const far = { ...needs('far'), spec: { ...needs('far').spec, dependsOn: [{ name: 'db', namespace: 'other' }] } }
  const all = [needs('a', 'b'), needs('b', 'a'), needs('c', 'nobody'), far, needs('db')]
  const waves = names(wavesOf(all, all))
  expect(waves.flat().toSorted()).toEqual(['a', 'b', 'c', 'db', 'far'])
  expect(waves[0]).toEqual(['b', 'c', 'far', 'db'])
})
