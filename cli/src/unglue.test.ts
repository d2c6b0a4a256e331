import { expect, test } from 'vitest'
import { unglue } from './unglue.ts'

const options = ['-n,--namespace #0', '-o,--output #0', '-w,--watch', '--tail #0'].map((definition) => ({
  definition,
  required: false,
}))

test.each([
  [
    ['get', '-oyaml', 'as'],
    ['get', '-o', 'yaml', 'as'],
  ],
  [
    ['get', '-o=jsonpath={.a=b}'],
    ['get', '-o', 'jsonpath={.a=b}'],
  ],
  [
    ['get', '-nteam', '-o', 'wide'],
    ['get', '-n', 'team', '-o', 'wide'],
  ],
  [
    ['get', '-w', '--output=yaml', '-wA'],
    ['get', '-w', '--output=yaml', '-wA'],
  ],
  [
    ['run', 'web', '--', 'node', '-oyaml'],
    ['run', 'web', '--', 'node', '-oyaml'],
  ],
])('%j', (argv, parted) => {
  expect(unglue(argv, { options })).toEqual(parted)
})
