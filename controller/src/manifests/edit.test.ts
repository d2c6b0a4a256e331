import { describe, expect, test } from 'vitest'
import { changed, objectOf, testExamples, yaml } from './edit.examples.ts'
import { editDocument, removeDocument, renderDocument } from './edit.ts'

describe('a file', () => {
  testExamples([
    {
      name: 'with CRLF gets CRLF, also inside new texts',
      before: 'kind: A # a\r\nspec:\r\n  x: 1\r\n',
      change: { 'spec x': 2, 'spec text': 'one\ntwo\n', 'spec list': [1] },
      after: 'kind: A # a\r\nspec:\r\n  x: 2\r\n  text: |\r\n    one\r\n    two\r\n  list:\r\n    - 1\r\n',
    },
    {
      name: 'with a byte order mark keeps it, and the first field may go',
      before: '\ufeffa: 1 # a\nb: 2\n',
      change: { a: undefined, b: 3 },
      after: '\ufeffb: 3\n',
    },
    {
      name: 'that is one line gets more',
      before: 'a: 1',
      change: { b: 'x' },
      after: 'a: 1\nb: x',
    },
    {
      name: 'with several documents changes in one of them',
      before: yaml`
        # head of the file
        ---
        # one
        a: 1
        # end of one
        --- # two
        a: 1 # the same
        ...
        # three
        ---
        a: 1
      `,
      index: 1,
      change: { a: 2, b: [] },
      after: yaml`
        # head of the file
        ---
        # one
        a: 1
        # end of one
        --- # two
        a: 2 # the same
        b: []
        ...
        # three
        ---
        a: 1
      `,
    },
    {
      name: 'is not misled by a marker inside a text',
      before: 'a: |\n  ---\n  b: 1\n---\na: "x\n  ---"\n',
      index: 1,
      change: { a: 'y1' },
      after: 'a: |\n  ---\n  b: 1\n---\na: "y1"\n',
    },
    {
      name: 'keeps comments and blank lines everywhere',
      before: yaml`

        # head

        kind: A # kind

        # about metadata
        metadata: # m

          # about the name

          name: x # name

          # last in metadata

        # about spec
        spec: {} # s

        # the end
      `,
      change: { kind: 'B', 'metadata labels': { a: 'b' }, 'spec replicas': 1 },
      after: yaml`

        # head

        kind: B # kind

        # about metadata
        metadata: # m

          # about the name

          name: x # name
          labels:
            a: b

          # last in metadata

        # about spec
        spec: # s
          replicas: 1

        # the end
      `,
    },
    {
      name: 'loses every field but not itself',
      before: '# head\na: 1\n# two\nb: 2\n# end\n',
      change: { a: undefined, b: undefined },
      after: '# head\n{}\n# end\n',
    },
    {
      name: 'with a field named __proto__ treats it as any other',
      before: 'a: 1\n__proto__: {x: 1}\n',
      change: { a: 2 },
      after: 'a: 2\n__proto__: {x: 1}\n',
    },
  ])

  test('that says already what is wanted is the same text, whatever it is', () => {
    const text = 'a:   [ 1,2 ]\r\n\n\n# x'
    expect(editDocument(text, 0, objectOf(text), { a: [1, 2] })).toEqual({ ok: true, text })
  })
})

describe('refused, with the field and what to do', () => {
  test.each([
    [
      'a document that is not there',
      'a: 1\n',
      3,
      { a: 1 },
      { a: 2 },
      'the file has no document number 4; read it again',
    ],
    ['a text that is not YAML', 'a: [1\n', 0, { a: 1 }, { a: 2 }, 'the file is not valid YAML'],
    ['a text that changed since', 'a: {b: 1}\n', 0, { a: { b: 2 } }, { a: { b: 3 } }, 'a.b: the file no longer says'],
    ['a document that is a list', '- 1\n', 0, [1], [2], 'the document is not a map of fields'],
    ['a document that is empty', '# nothing\n---\n', 0, null, { a: 1 }, 'the document is not a map of fields'],
    ['an object that becomes a list', 'a: 1\n', 0, { a: 1 }, [1], 'the document is not a map of fields'],
    [
      'a value of which a copy is used elsewhere',
      'a: &x 1\nb: *x\n',
      0,
      { a: 1, b: 1 },
      { a: 2, b: 1 },
      'a: this change',
    ],
    [
      'a value behind a key in a form of its own',
      '? a\n? b\n',
      0,
      { a: null, b: null },
      { a: null, b: 1 },
      'b: this change',
    ],
  ])('%s', (_, text, index, before, wanted, reason) => {
    const result = editDocument(text, index, before, wanted)
    expect(result).toEqual({ ok: false, reason: expect.stringContaining(reason) as string })
    expect(result.ok ? '' : result.reason).toContain('not changed')
  })

  test('nesting that no stack can hold', () => {
    const text = `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`
    expect(editDocument(text, 0, {}, { a: 1 })).toMatchObject({ ok: false })
    let deep: unknown = 1
    for (let depth = 0; depth < 20_000; depth += 1) deep = [deep]
    expect(editDocument('a: 1\n', 0, { a: 1 }, { a: deep })).toMatchObject({ ok: false })
  })
})

describe('a removed document', () => {
  test.each([
    ['is the only one', 'a: 1\n', 0, ''],
    ['is the only one of a file with a head', '# license\n\n# about a\na: 1\n', 0, '# license\n\n'],
    ['is the only one behind a marker', '# license\n---\na: 1\n', 0, '# license\n'],
    ['is the only one of a file with a byte order mark', '\ufeff# about a\na: 1\n', 0, ''],
    ['is the first', '# about a\na: 1\n---\nb: 1', 0, '---\nb: 1'],
    ['is between others', 'a: 1\n--- # b\nb: 1\n# end of b\n---\nc: 1\n', 1, 'a: 1\n---\nc: 1\n'],
    ['is the last', 'a: 1\n# end of a\n---\nb: 1\n', 1, 'a: 1\n# end of a\n'],
    [
      'has the comment of the next one below it',
      'a: 1\n---\nb: 1\n\n# about c\n---\nc: 1\n',
      1,
      'a: 1\n# about c\n---\nc: 1\n',
    ],
    ['is empty', 'a: 1\n---\n---\nb: 1\n', 1, 'a: 1\n---\nb: 1\n'],
    ['has an end marker', 'a: 1\n...\nb: 1\n...\nc: 1\n', 1, 'a: 1\n...\nc: 1\n'],
    ['has the end marker that the next one needs', 'a: 1\n---\nb: 1\n...\nc: 1\n', 1, 'a: 1\n...\nc: 1\n'],
    ['has a directive', 'a: 1\n...\n%YAML 1.2\n---\nb: 1\n', 1, 'a: 1\n...\n'],
    ['has CRLF', 'a: 1\r\n---\r\nb: 1\r\n---\r\nc: 1\r\n', 1, 'a: 1\r\n---\r\nc: 1\r\n'],
  ])('%s', (_, text, index, after) => {
    expect(removeDocument(text, index)).toEqual({ ok: true, text: after })
  })

  test('must be there', () => {
    expect(removeDocument('a: 1\n', 1)).toMatchObject({ ok: false })
    expect(removeDocument('a: 1\n...\n', 1)).toMatchObject({ ok: false })
  })
})

test('a new file is in block style, in the order of the object, with quotes where they are needed', () => {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x', labels: {}, annotations: { 'orc.dev/restartedAt': '2026-01-31T09:30:00Z' } },
    data: { 'run.sh': '#!/bin/sh\necho\n', answer: 'yes', port: '8080', long: 'words' },
    list: [{ name: 'a', value: null }, [1, true], []],
  }
  const text = renderDocument(object)
  expect(text).toBe(yaml`
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: x
      labels: {}
      annotations:
        orc.dev/restartedAt: "2026-01-31T09:30:00Z"
    data:
      run.sh: |
        #!/bin/sh
        echo
      answer: "yes"
      port: "8080"
      long: words
    list:
      - name: a
        value: null
      - - 1
        - true
      - []
  `)
  expect(objectOf(text)).toEqual(changed(object, {}))
})
