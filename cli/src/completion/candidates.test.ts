import { expect, test } from 'vitest'
import { orc } from '../../test/run-orc.ts'
import { readTyped } from './candidates.ts'

const withValue = new Set(['-n', '--namespace', '-o', '--output', '--state-dir'])

test('a line that is being typed is read around its flags', () => {
  expect(readTyped(['-n', 'team', 'get', '-o', 'yaml', 'pods', '-w', 'we'], withValue)).toMatchObject({
    command: 'get',
    given: ['pods'],
    current: 'we',
    namespace: 'team',
    isNamespace: false,
  })
  expect(readTyped(['get', '--state-dir=/x', '--namespace', '=', 'a', 'as', ''], withValue)).toMatchObject({
    command: 'get',
    given: ['as'],
    current: '',
    namespace: 'a',
    stateDir: '/x',
  })
  expect(readTyped(['get', '-n', ''], withValue).isNamespace).toBe(true)
})

test('without a controller nothing is said', async () => {
  expect(await orc(['__complete', 'get', 'pods', ''])).toEqual({ code: 1, stdout: '', stderr: '' })
})

test('the hidden command is in no list', async () => {
  for (const argv of [['--help'], ['completion', 'bash'], ['completion', 'fish']])
    expect((await orc(argv)).stdout).not.toMatch(/^ *__complete|-a __complete|"[^"]*__complete[^"]*get/m)
})
