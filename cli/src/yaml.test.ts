import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { hasControls } from './printers/plain.ts'
import { anyText } from '../test/any-text.ts'
import { toYaml } from './yaml.ts'

test('is the same value again, and harmless to a terminal', () => {
  const text = fc.oneof(
    anyText,
    fc.constantFrom('null', '1', '- a', 'a: b', '\u009b31m', 'a\u202eb', '#', "it's", 'two\nlines\n', '\u0085'),
  )
  const value = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.array(text), fc.dictionary(text, text)))
  fc.assert(
    fc.property(value, (object) => {
      const yaml = toYaml(object)
      expect(hasControls(yaml)).toBe(false)
      expect(parse(yaml, { maxAliasCount: 0 })).toEqual({ ...object })
    }),
  )
})
