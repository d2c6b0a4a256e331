import { expect, test } from 'vitest'
import { firstOverwritten, isChanged, missingKeys, splitChanges } from './changes.ts'

test('the first change ends the names', () => {
  expect(splitChanges(['as', 'web', 'orc.dev/team=a', 'note=x=y', 'empty=', 'stage-'], 'label')).toEqual({
    words: ['as', 'web'],
    changes: { 'orc.dev/team': 'a', note: 'x=y', empty: '', stage: null },
  })
  expect(splitChanges(['as', 'web'], 'label')).toEqual({ words: ['as', 'web'], changes: {} })
})

test.each([
  [['as', 'a=b', 'web'], 'all objects must be named before the label changes: "web"'],
  [['as', 'web', '=b'], '"=b" must be KEY=VALUE or KEY-'],
  [['as', 'web', 'a=b', 'a-'], 'label "a" is changed twice'],
])('%j is refused', (args, message) => {
  expect(() => splitChanges(args, 'label')).toThrow(message)
})

test('what is there decides what a change is', () => {
  const present = { a: '1', b: '2' }
  expect(firstOverwritten(present, { a: '1', c: '3' })).toBeUndefined()
  expect(firstOverwritten(present, { a: '1', b: '3' })).toBe('b')
  expect(firstOverwritten(present, { b: null })).toBeUndefined()
  expect(missingKeys(present, { a: null, x: null, y: '1' })).toEqual(['x'])
  expect(isChanged(present, { a: '1', x: null })).toBe(false)
  expect(isChanged(present, { a: null })).toBe(true)
})
