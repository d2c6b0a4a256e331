import { describe, expect, test } from 'vitest'
import { checkSource } from './check.ts'

const check = (text: string, namespace?: string) => checkSource({ name: 'a.yaml', text, hash: '' }, namespace)
const object = (name: string, more = ''): string =>
  `apiVersion: orc.dev/v1alpha1\nkind: AgentService\nmetadata: {name: ${name}${more}}\nspec: {command: [x]}\n`

describe('checkSource', () => {
  test('gives the objects as written, with a namespace', () => {
    const { objects, errors } = check(`${object('a')}---\n${object('b', ', namespace: team')}`)
    expect(errors).toEqual([])
    expect(objects.map(({ metadata }) => metadata)).toEqual([
      { name: 'a', namespace: 'default' },
      { name: 'b', namespace: 'team' },
    ])
    expect(objects[0]).not.toHaveProperty('spec.replicas')
  })

  test('puts objects that name no namespace into the one that was asked for', () => {
    expect(check(object('a'), 'team').objects[0]?.metadata.namespace).toBe('team')
    expect(check(object('a', ', namespace: default'), 'team').errors).toEqual([
      'a.yaml:1:1: the object is for namespace default, which is not that of -n team',
    ])
  })

  test('gives a kind that lives in no namespace none', () => {
    const { objects, errors } = check('apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n', 'other')
    expect(errors).toEqual([])
    expect(objects.map(({ metadata }) => metadata)).toEqual([{ name: 'team' }])
  })

  test('gives no object of a file with a mistake, and says where it is', () => {
    const { objects, errors } = check(`${object('a')}---\n${object('b').replace('command', 'comand')}`)
    expect(objects).toEqual([])
    expect(errors.join('\n')).toMatch(/^a\.yaml:9:8: .*unknown field "comand"; did you mean "command"\?/m)
  })

  test('names the place where a text is not YAML', () => {
    expect(check('a: [1\n').errors[0]).toMatch(/^a\.yaml:\d+:\d+: not valid YAML/)
  })

  test('wants at least one object', () => {
    expect(check('# nothing\n').errors).toEqual(['a.yaml: there is no object in it'])
  })
})
