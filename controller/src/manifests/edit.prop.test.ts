/** Whatever the file looks like and whatever changes: it says what was wanted, and the rest of it is the same bytes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { isFields } from './edit-diff.ts'
import { applyOps, expectRestUntouched, type Op } from './edit.prop.ops.ts'
import { Writer, type WrittenLine } from './edit.prop.writer.ts'
import { editDocument, removeDocument, renderDocument } from './edit.ts'

const KEYS = ['name', 'spec', 'env', 'labels', 'args', 'data', 'a', 'app.kubernetes.io/name', '8080', 'true', 'a b', 'x: y', '#', '', 'on', "it's", '-', 'ключ']
const TEXTS = ['yes', '8080', 'null', '~', '', '- a', 'a: b', 'a #b', ' x', 'x ', "it's", '"q"', '[a', '{', '*a', '&a', '!t', '%', '@', '`', '...', '---', '|', 'http://h:1/?a=[b],c', '1e3', '0x1f', '12:30', '2024-01-01', 'a\tb', '\ttab', 'a\nb', 'a\n', '\na', '  a\n b\n', 'a\n\n\nb\n\n', '# no\ncomment\n', '\n', 'a\r\nb', 'a \nb', 'a\n ', '\u2028', '\ufeff', '\u0007', '\u0085', '\ud800', '🎉', 'some plain words', 'folded words here\n', '---\na: 1\n']

const text = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z]{1,6}( [a-z]{1,5}){0,2}$/) },
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom('a', ' ', '\n', ':', '#', '-', '"', "'", ',', '\t', '{'), maxLength: 10 }) },
)
const scalar = fc.oneof(text, fc.integer(), fc.double({ noNaN: false }), fc.boolean(), fc.constant(null))
const key = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...KEYS) }, { weight: 1, arbitrary: text })

const { fields } = fc.letrec<{ value: unknown; fields: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    scalar,
    tie('fields'),
    fc.uniqueArray(fc.oneof(scalar, tie('value')), { maxLength: 4, selector: (item) => JSON.stringify(item) }),
    fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,3}$/), tie('fields')), { maxLength: 4, selector: ([name]) => name }).map((items) => items.map(([name, rest]) => ({ name, ...rest, ...{ name } }))),
  ),
  fields: fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
}))
