/** Whatever the file looks like and whatever changes: it says what was wanted, and the rest of it is the same bytes. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { isFields } from './edit-diff.ts'
import { applyOps, chooseOps, expectRestUntouched } from './edit.prop.ops.ts'
import { Writer, type WrittenLine } from './edit.prop.writer.ts'
import { editDocument, removeDocument, renderDocument } from './edit.ts'

const KEYS = [
  'name',
  'spec',
  'env',
  'labels',
  'args',
  'data',
  'a',
  'app.kubernetes.io/name',
  '8080',
  'true',
  'a b',
  'x: y',
  '#',
  '',
  'on',
  "it's",
  '-',
  'ключ',
]
const TEXTS = [
  'yes',
  '8080',
  'null',
  '~',
  '',
  '- a',
  'a: b',
  'a #b',
  ' x',
  'x ',
  "it's",
  '"q"',
  '[a',
  '{',
  '*a',
  '&a',
  '!t',
  '%',
  '@',
  '`',
  '...',
  '---',
  '|',
  'http://h:1/?a=[b],c',
  '1e3',
  '0x1f',
  '12:30',
  '2024-01-01',
  'a\tb',
  '\ttab',
  'a\nb',
  'a\n',
  '\na',
  '  a\n b\n',
  'a\n\n\nb\n\n',
  '# no\ncomment\n',
  '\n',
  'a\r\nb',
  'a \nb',
  'a\n ',
  '\u2028',
  '\ufeff',
  '\u0007',
  '\u0085',
  '\ud800',
  '🎉',
  'some plain words',
  'folded words here\n',
  '---\na: 1\n',
]

const text = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z]{1,6}( [a-z]{1,5}){0,2}$/) },
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.constantFrom('a', ' ', '\n', ':', '#', '-', '"', "'", ',', '\t', '{'),
      maxLength: 10,
    }),
  },
)
const scalar = fc.oneof(
  text,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  fc.boolean(),
  fc.constant(null),
)
const key = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...KEYS) }, { weight: 1, arbitrary: text })

const { fields } = fc.letrec<{ value: unknown; fields: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    scalar,
    tie('fields'),
    fc.uniqueArray(fc.oneof(scalar, tie('value')), { maxLength: 3, selector: (item) => JSON.stringify(item) }),
    fc
      .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,3}$/), tie('fields')), {
        maxLength: 4,
        selector: ([name]) => name,
      })
      .map((items) => items.map(([name, rest]) => Object.assign({ name }, rest, { name }))),
  ),
  fields: fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
}))

const choices = fc.array(fc.nat(719), { minLength: 8, maxLength: 80 })
const changes = fc.array(
  fc.record({
    kind: fc.constantFrom('set' as const, 'remove' as const, 'add' as const),
    at: fc.nat(60),
    key,
    value: fc.oneof(scalar, fields, fc.array(scalar, { maxLength: 3 })),
  }),
  { minLength: 1, maxLength: 4 },
)
/** How the file around the document looks. */
const surroundings = fc.record({
  bom: fc.boolean(),
  crlf: fc.boolean(),
  finalNewline: fc.boolean(),
  before: fc.array(fc.constantFrom('a: 1\n', '# other\nb: [1, 2] # x\n', '', '# nothing\n', 'k: |+\n  text\n\n'), {
    maxLength: 2,
  }),
  after: fc.array(fc.constantFrom('a: 1\n', ' # two\nb: 2\n', '\n', '\n# end\n'), { maxLength: 2 }),
  marker: fc.constantFrom('', '---\n', '--- # marker\n', '# head of the file\n---\n', '# head\n\n'),
  end: fc.constantFrom('', '', '# end\n', '\n\n', '...\n'),
})

interface File {
  readonly text: string
  readonly index: number
  readonly lines: readonly WrittenLine[]
}

const refused = new Map<string, number>()
let edits = 0

function decode(text: string, index: number): unknown {
  const document = parseAllDocuments(text, { uniqueKeys: false })[index]
  if (document === undefined || document.errors.length > 0) expect.fail(`not YAML:\n${text}`)
  return document.toJS()
}

/** Much faster than `toEqual` where there is nothing to report. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected)
}

function edit(text: string, index: number, before: unknown, wanted: unknown): string {
  const result = editDocument(text, index, before, wanted)
  edits += 1
  if (!result.ok) refused.set(result.reason, (refused.get(result.reason) ?? 0) + 1)
  if (!result.ok) expect.fail(`${result.reason}\n${text}\nwanted ${JSON.stringify(wanted)}`)
  return result.text
}

function fileOf(
  object: object,
  style: readonly number[],
  around: typeof surroundings extends fc.Arbitrary<infer T> ? T : never,
): File {
  const writer = new Writer(style)
  writer.writeFields(object, 0, [])
  const own = writer.lines.map(({ text: line }) => `${line}\n`).join('')
  const before = around.before.map((other) => `---\n${other}`).join('')
  const marker = around.before.length > 0 && !around.marker.includes('---') ? '---\n' : around.marker
  const after = around.after.map((other) => `---${/^[ \n]/.test(other) ? other : `\n${other}`}`).join('')
  const isKeep = writer.lines.at(-1)?.form === 'keep'
  let whole = `${before}${marker}${own}${isKeep ? '' : around.end}${after}`
  if (!around.finalNewline && !isKeep) whole = whole.replace(/\n$/, '')
  if (around.crlf) whole = whole.replaceAll('\n', '\r\n')
  return { text: (around.bom ? '\ufeff' : '') + whole, index: around.before.length, lines: writer.lines }
}

test('a change leaves every other byte as it is, and can be taken back', () => {
  fc.assert(
    fc.property(fields, choices, surroundings, changes, (object, style, around, wishes) => {
      fc.pre(Object.keys(object).length > 0)
      const file = fileOf(object, style, around)
      const before = decode(file.text, file.index)
      expectSame(before, object)
      const ops = chooseOps(before, wishes)
      const wanted = applyOps(before, ops)
      const result = edit(file.text, file.index, before, wanted)
      expectSame(decode(result, file.index), wanted)
      if (process.env['DEBUG_EDIT'])
        console.log(JSON.stringify(ops), '\n' + file.text, '\n=====\n' + result + '\n######')
      try {
        expectRestUntouched(file.lines, ops, wanted, result)
      } catch (e) {
        expect.fail(`${(e as Error).message}\n=== from\n${file.text}\n${JSON.stringify(ops)}`)
      }
      expect(result.startsWith('\ufeff')).toBe(around.bom)
      if (file.text.includes('\r\n')) expect(result).not.toMatch(/[^\r]\n/)
      expect(edit(result, file.index, wanted, wanted)).toBe(result)
      const back = edit(result, file.index, wanted, before)
      expectSame(decode(back, file.index), before)
    }),
    { numRuns: Number(process.env['RUNS'] ?? 1000) },
  )
}, 600_000)
