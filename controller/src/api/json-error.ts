/** Finds where a text stops being JSON, for messages: the engine's own say so for some errors only. */

/** Line and column from 1; undefined when the text is JSON. Takes time linear in the text. */
export function findJsonError(text: string): { readonly line: number; readonly column: number } | undefined {
  const offset = errorOffset(text)
  if (offset === undefined) return undefined
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

type Expected = 'Value' | 'FirstItem' | 'FirstKey' | 'Key' | 'Colon' | 'CommaOrEnd' | 'End'

const SPACE = /[ \t\r\n]*/y
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const PLAIN = /[^"\\\u0000-\u001f]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

function errorOffset(text: string): number | undefined {
  const open: string[] = []
  let expected: Expected = 'Value'
  let at = skip(SPACE, text, 0)
  while (at < text.length) {
    const next = step(text, at, expected, open)
    if (typeof next === 'number') return next
    expected = next.expected
    at = skip(SPACE, text, next.at)
  }
  return expected === 'End' ? undefined : at
}

type Step = { readonly at: number; readonly expected: Expected } | number

/** Reads one token; a number is the offset of the error. */
function step(text: string, at: number, expected: Expected, open: string[]): Step {
  const sign = text.charAt(at)
  if (isClosing(sign, expected, open)) {
    open.pop()
    return { at: at + 1, expected: afterValue(open) }
  }
  if (expected === 'Value' || expected === 'FirstItem') return stepValue(text, at, open)
  if (expected === 'Key' || expected === 'FirstKey') return sign === '"' ? stepString(text, at, 'Colon') : at
  return stepSeparator(sign, at, expected, open)
}

function stepSeparator(sign: string, at: number, expected: Expected, open: readonly string[]): Step {
  if (expected === 'Colon' && sign === ':') return { at: at + 1, expected: 'Value' }
  if (expected === 'CommaOrEnd' && sign === ',') return { at: at + 1, expected: open.at(-1) === '{' ? 'Key' : 'Value' }
  return at
}

function stepValue(text: string, at: number, open: string[]): Step {
  const sign = text.charAt(at)
  if (sign === '{' || sign === '[') {
    open.push(sign)
    return { at: at + 1, expected: sign === '{' ? 'FirstKey' : 'FirstItem' }
  }
  if (sign === '"') return stepString(text, at, afterValue(open))
  const end = skip(SCALAR, text, at)
  return end === at ? at : { at: end, expected: afterValue(open) }
}

function isClosing(sign: string, expected: Expected, open: readonly string[]): boolean {
  if (sign === '}') return open.at(-1) === '{' && ['FirstKey', 'CommaOrEnd'].includes(expected)
  return sign === ']' && open.at(-1) === '[' && ['FirstItem', 'CommaOrEnd'].includes(expected)
}

function afterValue(open: readonly string[]): Expected {
  return open.length === 0 ? 'End' : 'CommaOrEnd'
}

function stepString(text: string, start: number, expected: Expected): Step {
  let at = start + 1
  for (;;) {
    at = skip(PLAIN, text, at)
    if (text.charAt(at) === '"') return { at: at + 1, expected }
    const next = skip(ESCAPE, text, at)
    if (next === at) return at
    at = next
  }
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}
