/** Whatever the file looks like and whatever changes: it says what was wanted, and the rest of it is the same bytes. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { changes, fields, fileOf, manyDocuments } from './edit.prop.files.ts'
import { applyOps, chooseOps, expectRestUntouched, isAmbiguous } from './edit.prop.ops.ts'
import { editDocument, removeDocument, renderDocument } from './edit.ts'

const FACTOR = process.env['ORC_TEST_LONG'] ? 40 : 1

test('a change leaves every other byte as it is, and can be taken back', { timeout: 60_000 * FACTOR }, () => {
  fc.assert(
    fc.property(fileOf(fields), changes, (file, choices) => {
      const before = decodeAll(file.text)[file.index] ?? {}
      fc.pre(Object.keys(file.object).length > 0)
      expectSame(before, file.object)
      const ops = chooseOps(before, choices)
      const wanted = applyOps(before, ops)
      fc.pre(!isAmbiguous(before, wanted))
      const result = edit(file.text, file.index, before, wanted)
      expectRestUntouched(file, ops, wanted, result)
      expect(edit(result, file.index, wanted, wanted)).toBe(result)
      expectSame(decodeAll(edit(result, file.index, wanted, before))[file.index], before)
    }),
    { numRuns: 1000 * FACTOR },
  )
})

test('any object becomes any other, the other documents stay, JSON stays JSON', { timeout: 60_000 * FACTOR }, () => {
  const json = fields.map((object) => ({ object, index: 0, lines: [], text: JSON.stringify(object, null, 2) }))
  fc.assert(
    fc.property(fc.oneof(fileOf(fields), json), fields, ({ object, text, index }, wanted) => {
      fc.pre(Object.keys(object).length > 0)
      const result = edit(text, index, object, wanted)
      const others = decodeAll(text)
      others[index] = wanted
      expectSame(decodeAll(result), others)
      if (text.startsWith('{')) expectSame(JSON.parse(result), wanted)
    }),
    { numRuns: 400 * FACTOR },
  )
})

test('a new file says what the object says', { timeout: 60_000 * FACTOR }, () => {
  fc.assert(
    fc.property(fields, (object) => {
      const text = renderDocument(object)
      expectSame(decodeAll(text), [object])
      expect(text.endsWith('\n')).toBe(true)
    }),
    { numRuns: 400 * FACTOR },
  )
})

test(
  'documents are counted as YAML counts them, and one goes without touching the others',
  { timeout: 60_000 * FACTOR },
  () => {
    fc.assert(
      fc.property(manyDocuments, fc.nat(4), (text, index) => {
        const documents = decodeAll(text)
        const edited = editDocument(text, index, documents[index], { changed: true })
        if (edited.ok) expectSame(decodeAll(edited.text), documents.with(index, { changed: true }))
        const removed = removeDocument(text, index)
        expect(removed.ok).toBe(index < documents.length)
        if (!removed.ok) return
        expectSame(decodeAll(removed.text), documents.toSpliced(index, 1))
        expect(isOneCut(text, removed.text)).toBe(true)
      }),
      { numRuns: 400 * FACTOR },
    )
  },
)

function edit(text: string, index: number, before: unknown, wanted: unknown): string {
  const result = editDocument(text, index, before, wanted)
  if (!result.ok) expect.fail(`${result.reason}\n${text}\nwanted ${JSON.stringify(wanted)}`)
  return result.text
}

function decodeAll(text: string): unknown[] {
  return [...parseAllDocuments(text, { uniqueKeys: false })].map((document) => {
    if (document.errors.length > 0) expect.fail(`not YAML:\n${text}`)
    return document.toJS() as unknown
  })
}

/** Much faster than `toEqual` where there is nothing to report. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected)
}

function isOneCut(long: string, short: string): boolean {
  let head = 0
  while (head < short.length && short[head] === long[head]) head += 1
  return long.endsWith(short.slice(head))
}
