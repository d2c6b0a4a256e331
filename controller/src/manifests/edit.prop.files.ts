/** Objects shaped like manifests, changes of them, and files that hold them among other documents. */
import fc from 'fast-check'
import { Writer, type WrittenLine } from './edit.prop.writer.ts'

const KEYS = "name spec env labels args data a app.kubernetes.io/name 8080 true on it's - ключ".split(' ')
const ODD_KEYS = ['', 'a b', 'x: y', '#', ' ', '[a]', '"', '? a']
const TEXTS = [
  ..."yes 8080 null ~ it's [a { *a &a !t % @ ` ... --- | 1e3 0x1f 12:30 2024-01-01 🎉 http://h:1/?a=[b],c".split(' '),
  ...[
    '',
    '- a',
    'a: b',
    'a #b',
    ' x',
    'x ',
    '"q"',
    'a\tb',
    '\ttab',
    'some plain words',
    '---\na: 1\n',
    '# no\ncomment\n',
  ],
  ...['a\nb', 'a\n', '\na', '  a\n b\n', 'a\n\n\nb\n\n', '\n', 'a\r\nb', 'a \nb', 'a\n ', 'folded words here\n'],
  ...['\u2028', '\ufeff', '\u0007', '\u0085', '\ud800'],
]
const TRICKY = fc.constantFrom('a', ' ', '\n', ':', '#', '-', '"', "'", ',', '\t', '{')

const text = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z]{1,6}( [a-z]{1,5}){0,2}$/) },
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  { weight: 1, arbitrary: fc.string({ unit: TRICKY, maxLength: 10 }) },
)
const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0)
const scalar = fc.oneof(text, text, fc.integer(), double, fc.boolean(), fc.constant(null))
const key = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...KEYS) },
  { weight: 1, arbitrary: fc.oneof(fc.constantFrom(...ODD_KEYS), text) },
)

const tied = fc.letrec<{ value: unknown; fields: Record<string, unknown>; named: unknown[] }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', maxDepth: 3 }, scalar, tie('fields'), uniqueList(tie('value')), tie('named')),
  fields: fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  named: fc
    .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,3}$/), tie('fields')), {
      maxLength: 4,
      selector: ([name]) => name,
    })
    .map((items) => items.map(([name, rest]) => Object.assign({ name }, rest, { name }))),
}))

/** Equal items could be matched in more than one right way. */
function uniqueList(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown[]> {
  return fc.uniqueArray(fc.oneof(scalar, value), { maxLength: 3, selector: (item) => JSON.stringify(item) })
}

export const fields: fc.Arbitrary<Record<string, unknown>> = tied.fields

export interface Choice {
  readonly kind: 'set' | 'remove' | 'add'
  readonly at: number
  readonly key: string
  readonly value: unknown
}

export const changes: fc.Arbitrary<Choice[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('set', 'remove', 'add'),
    at: fc.nat(60),
    key,
    value: fc.oneof(scalar, fields, fc.array(scalar, { maxLength: 3 })),
  }),
  { minLength: 1, maxLength: 4 },
)

export interface File {
  readonly text: string
  readonly index: number
  /** Of the document at `index`. */
  readonly lines: readonly WrittenLine[]
}

const around = fc.record({
  bom: fc.boolean(),
  crlf: fc.boolean(),
  finalNewline: fc.boolean(),
  above: fc.array(fc.constantFrom('a: 1\n', '# other\nb: [1, 2] # x\n', '', '# nothing\n', 'k: |+\n  text\n\n'), {
    maxLength: 2,
  }),
  marker: fc.constantFrom('', '---\n', '--- # marker\n', '# head of the file\n---\n', '# head\n\n'),
  end: fc.constantFrom('', '# end\n', '\n\n', '...\n'),
  below: fc.array(fc.constantFrom('\na: 1\n', ' # two\nb: 2\n', '\n', '\n# end\n'), { maxLength: 2 }),
})

export function fileOf(object: fc.Arbitrary<object>): fc.Arbitrary<File & { readonly object: object }> {
  const choices = fc.array(fc.nat(719), { minLength: 8, maxLength: 80 })
  return fc.tuple(object, choices, around).map(([value, style, { above, below, ...looks }]) => {
    const writer = new Writer(style)
    writer.writeFields(value, 0, [])
    const own = writer.lines.map((line) => `${line.text}\n`).join('')
    const marker = above.length > 0 && !looks.marker.includes('---') ? '---\n' : looks.marker
    // Blank lines behind a text that keeps its empty lines would be more of them.
    const isKept = writer.lines.at(-1)?.form === 'keep'
    const parts = [...above.map((other) => `---\n${other}`), marker, own, isKept ? '' : looks.end]
    let whole = [...parts, ...below.map((other) => `---${other}`)].join('')
    if (!looks.finalNewline && !isKept) whole = whole.replace(/\n$/, '')
    if (looks.crlf) whole = whole.replaceAll('\n', '\r\n')
    return { object: value, text: (looks.bom ? '\ufeff' : '') + whole, index: above.length, lines: writer.lines }
  })
}

/** Files that separate their documents in every way that YAML has. */
export const manyDocuments: fc.Arbitrary<string> = fc
  .array(
    fc.record({
      start: fc.constantFrom('', '---\n', '--- # marker\n', '# above\n---\n', '\n# above\n---\n', '%YAML 1.2\n---\n'),
      body: fc.constantFrom(
        'a: 1\n',
        '',
        '# c\n\nb: [1]\n',
        '\n# c\n',
        'k: |\n  ---\n  x\n\n',
        'x: "a\n  b"\n',
        '# c\nd: 1\n',
      ),
      end: fc.constantFrom('', '', '...\n', '... # end\n'),
    }),
    { maxLength: 4 },
  )
  .map((parts) =>
    parts
      .map(({ start, body, end }, at) => {
        const isAfterEnd = at === 0 || parts[at - 1]?.end !== ''
        if (isAfterEnd) return start + body + end
        return (start === '' || start.startsWith('%') ? '---\n' : start) + body + end
      })
      .join(''),
  )
