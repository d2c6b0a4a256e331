/** Reads one path, such as `.items[?(@.kind=="Pod")].metadata.labels['orc\.dev/service']`. */
import { Cursor, unescape } from './cursor.ts'
import { OPERATORS, type Member, type Operand, type Path, type Step } from './template.ts'

/** Up to the first character that belongs to no path. */
export function parsePath(cursor: Cursor): Path {
  const steps: Step[] = []
  // The whole, the current value: both are where every path begins.
  if (!cursor.take('$')) cursor.take('@')
  for (;;) {
    const step = parseStep(cursor)
    if (step === undefined) return steps
    steps.push(...step)
  }
}

/** As kubectl takes it where nothing but a path can be meant: `.a.b`, `a.b`, `{.a.b}`, `{a.b}`. */
export function parseRelaxedPath(text: string): Path {
  const bare = /^\{(.*)\}$/su.exec(text.trim())?.[1] ?? text.trim()
  const cursor = new Cursor(/^[.[$@]/.test(bare) ? bare : `.${bare}`)
  const path = parsePath(cursor)
  if (!cursor.isAtEnd) cursor.fail('a path must go on with "." or "["')
  return path
}

const NAME = /(?:[^\s.[\](){}*,'"@$?=!<>\\]|\\.)+/uy

function parseStep(cursor: Cursor): Step[] | undefined {
  if (cursor.take('..')) return [{ type: 'Descent' }, ...(cursor.peek() === '[' ? [] : [namedStep(cursor)])]
  if (cursor.take('[')) return [parseBrackets(cursor)]
  if (!cursor.take('.')) return undefined
  // `.[0]`, and `.` alone for the whole, are as good as without the dot.
  if (cursor.isAtEnd || /[[}\s]/.test(cursor.peek())) return []
  return [namedStep(cursor)]
}

function namedStep(cursor: Cursor): Step {
  if (cursor.take('*')) return { type: 'Wildcard' }
  const name = cursor.match(NAME) ?? cursor.fail('a field name is missing after "."')
  return { type: 'Field', name: unescape(name) }
}

function parseBrackets(cursor: Cursor): Step {
  cursor.skipSpace()
  const step = cursor.take('?(') ? parseFilter(cursor) : parseElements(cursor)
  cursor.skipSpace()
  cursor.expect(']')
  return step
}

function parseElements(cursor: Cursor): Step {
  if (cursor.take('*')) return { type: 'Wildcard' }
  const slice = cursor.match(/-?\d*:(?:-?\d*)(?::-?\d*)?(?=\s*\])/y)
  if (slice !== undefined) return parseSlice(slice)
  const members: Member[] = []
  do {
    cursor.skipSpace()
    members.push(parseMember(cursor))
    cursor.skipSpace()
  } while (cursor.take(','))
  return { type: 'Union', members }
}

function parseSlice(text: string): Step {
  const [first, end, step] = text.split(':').map((part) => (part === '' ? undefined : Number(part)))
  return {
    type: 'Slice',
    ...(first !== undefined && { first }),
    ...(end !== undefined && { end }),
    ...(step !== undefined && { step }),
  }
}

function parseMember(cursor: Cursor): Member {
  const index = cursor.match(/-?\d+/y)
  if (index !== undefined) return { type: 'Index', index: Number(index) }
  const quoted = cursor.quoted() ?? cursor.fail('in brackets stand *, numbers, names in quotes or ?(...)')
  return { type: 'Key', key: unescape(quoted), path: pathOrNothing(`.${quoted}`) }
}

/** Not every key can be read as a path too. */
function pathOrNothing(text: string): Path {
  const cursor = new Cursor(text)
  try {
    const path = parsePath(cursor)
    return cursor.isAtEnd ? path : []
  } catch {
    return []
  }
}

function parseFilter(cursor: Cursor): Step {
  const left = parseOperand(cursor)
  cursor.skipSpace()
  const operator = OPERATORS.find((each) => cursor.take(each))
  if (operator === undefined) {
    closeFilter(cursor)
    return { type: 'Filter', left }
  }
  const right = parseOperand(cursor)
  closeFilter(cursor)
  return { type: 'Filter', left, operator, right }
}

function closeFilter(cursor: Cursor): void {
  cursor.skipSpace()
  if (cursor.text.startsWith('&&', cursor.at) || cursor.text.startsWith('||', cursor.at))
    cursor.fail('a filter compares once; "&&" and "||" do not exist here, as in kubectl')
  cursor.expect(')')
}

function parseOperand(cursor: Cursor): Operand {
  cursor.skipSpace()
  const quoted = cursor.quoted()
  if (quoted !== undefined) return { type: 'Value', value: unescape(quoted) }
  const number = cursor.match(/[-+]?\d+(?:\.\d+)?/y)
  if (number !== undefined) return { type: 'Value', value: Number(number) }
  const truth = cursor.match(/(?:true|false)\b/y)
  if (truth !== undefined) return { type: 'Value', value: truth === 'true' }
  if (!/[@$.[]/.test(cursor.peek())) cursor.fail('a filter compares paths such as @.name, numbers, and text in quotes')
  return { type: 'Path', path: parsePath(cursor) }
}
