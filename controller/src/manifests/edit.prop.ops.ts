/** Changes an object at random places, and checks that the text around those places did not change. */
import { expect } from 'vitest'
import { isEqual, isFields } from './edit-equal.ts'
import type { Choice, File } from './edit.prop.files.ts'
import type { Path, WrittenLine } from './edit.prop.writer.ts'

/** `path` of an addition is that of what is added; a list takes at most one addition or removal. */
export interface Op {
  readonly kind: 'set' | 'remove' | 'add'
  readonly path: Path
  readonly value: unknown
}

export function chooseOps(object: unknown, choices: readonly Choice[]): Op[] {
  const paths = pathsOf(object, [])
  const locked: Path[] = []
  return choices.flatMap(({ kind, at, key, value }) => {
    const target = kind === 'add' ? [[], ...paths][at % (paths.length + 1)] : paths[at % paths.length]
    if (target === undefined) return []
    const op = kind === 'add' ? additionTo(object, target, key, at, value) : { kind, path: target, value }
    if (op === undefined || (kind === 'set' && isEqual(valueAt(object, target), value)) || isOtherItem(object, op))
      return []
    const parent = op.path.slice(0, -1)
    const lock = kind !== 'set' && Array.isArray(valueAt(object, parent)) ? parent : op.path
    if (locked.some((path) => startsWith(path, lock) || startsWith(lock, path))) return []
    locked.push(lock)
    return [op]
  })
}

export function applyOps(object: unknown, ops: readonly Op[]): unknown {
  const root = { root: structuredClone(object) }
  for (const { kind, path, value } of ops) {
    const parent = valueAt(root, ['root', ...path.slice(0, -1)])
    const step = path.at(-1) ?? 'root'
    if (kind === 'add' && parent === null) setAt(root, ['root', ...path.slice(0, -1)], { [step]: value })
    else if (Array.isArray(parent))
      parent.splice(Number(step), kind === 'add' ? 0 : 1, ...(kind === 'remove' ? [] : [value]))
    else if (kind === 'remove') delete (parent as Record<string, unknown>)[step]
    else setAt(root, ['root', ...path], value)
  }
  return root.root
}

/** An item became what another one was: either may rightly be taken for the one that stayed. */
export function isAmbiguous(before: unknown, wanted: unknown): boolean {
  if (isFields(before) && isFields(wanted))
    return Object.keys(before).some((key) => Object.hasOwn(wanted, key) && isAmbiguous(before[key], wanted[key]))
  if (!Array.isArray(before) || !Array.isArray(wanted) || before.length !== wanted.length) return false
  const pairs: [unknown, unknown][] = before.map((old: unknown, at) => [old, wanted[at]])
  const isTwin = ([old]: [unknown, unknown]): boolean =>
    pairs.some(([other, now]) => other !== old && isEqual(now, old))
  return pairs.some((pair) => isTwin(pair) || isAmbiguous(...pair))
}

/** Lines that no change concerns are all there, in order, byte for byte; comments of what stays too, and none twice. */
export function expectRestUntouched(file: File, ops: readonly Op[], wanted: unknown, result: string): void {
  const problem = problemOf(file, ops, wanted, result)
  if (problem !== undefined)
    expect.fail(`${problem}\n${JSON.stringify(ops)}\n--- from\n${file.text}\n--- to\n${result}`)
}

function problemOf({ text, lines }: File, ops: readonly Op[], wanted: unknown, result: string): string | undefined {
  if (result.startsWith('\ufeff') !== text.startsWith('\ufeff')) return 'the byte order mark came or went'
  if (text.includes('\r\n') && /[^\r]\n/.test(result)) return 'a line ends otherwise than the others'
  for (const line of lines) {
    const copies = line.comment === undefined ? 1 : result.split(line.comment).length - 1
    const isDead = ops.some((op) => diesWith(line, op))
    if (copies > 1 || (copies === 0 && !isDead)) return `${String(copies)} of the comment ${line.comment ?? ''}`
  }
  const left = result.replace(/^\ufeff/, '').split(/\r?\n/)
  let at = 0
  // Blank lines below a text that keeps its own may have to go with what stood between.
  const isKeeping = lines.some(({ form }) => form === 'keep')
  for (const line of lines.filter((other) => !ops.some((op) => touches(op, other, lines, wanted)))) {
    if (isKeeping && line.text === '') continue
    at = left.indexOf(line.text, at) + 1
    if (at === 0) return `the line ${JSON.stringify(line.text)} is gone or out of place`
  }
  return undefined
}

function diesWith({ owner, flow, isInside }: WrittenLine, { kind, path }: Op): boolean {
  if (kind === 'remove') return startsWith(owner, path)
  const isWithin = owner.length > path.length || flow !== undefined || isInside === true
  return kind === 'set' && startsWith(owner, path) && isWithin
}

function touches({ kind, path }: Op, line: WrittenLine, lines: readonly WrittenLine[], wanted: unknown): boolean {
  const { owner, flow } = line
  const parent = path.slice(0, -1)
  if (flow !== undefined && startsWith(path, flow)) return true
  if (kind !== 'add' && startsWith(owner, path)) return true
  if (kind === 'set') return false
  // A value that becomes empty or is no longer empty changes on the line of its key.
  const isEmpty =
    kind === 'add' ? !lines.some((other) => isBelow(other.owner, parent)) : sizeOf(valueAt(wanted, parent)) === 0
  if (isEmpty && isEqual(owner, parent)) return true
  const first = kind === 'add' ? [...parent, 0] : path
  const isFront = kind === 'remove' || path.at(-1) === 0
  return isFront && sharesDash(lines, first) && startsWith(owner, parent)
}

/** The entry begins behind the dash of an item around it. */
function sharesDash(lines: readonly WrittenLine[], path: Path): boolean {
  const line = lines.find(({ owner }) => startsWith(owner, path))
  return line?.item !== undefined && line.item.length < path.length
}

function additionTo(object: unknown, target: Path, key: string, at: number, value: unknown): Op | undefined {
  const container = valueAt(object, target)
  if (Array.isArray(container)) return { kind: 'add', path: [...target, at % (container.length + 1)], value }
  if (container !== null && !isFields(container)) return undefined
  if (container !== null && Object.hasOwn(container, key)) return undefined
  return { kind: 'add', path: [...target, key], value }
}

/** An item with another name is another item; what is expected of a change in place does not hold for it. */
function isOtherItem(object: unknown, { kind, path, value }: Op): boolean {
  const [list, parent] = [-2, -1].map((end) => valueAt(object, path.slice(0, end)))
  if (Array.isArray(parent) && kind === 'set') return isFields(value)
  return Array.isArray(list) && path.at(-1) === 'name'
}

function pathsOf(value: unknown, path: Path): Path[] {
  const steps = Array.isArray(value) ? [...value.keys()] : isFields(value) ? Object.keys(value) : []
  return steps.flatMap((step) => [[...path, step], ...pathsOf(valueAt(value, [step]), [...path, step])])
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<string | number, unknown> | undefined)?.[step], value)
}

function setAt(root: object, path: Path, value: unknown): void {
  const parent = valueAt(root, path.slice(0, -1)) as Record<string | number, unknown>
  parent[path.at(-1) ?? ''] = value
}

function sizeOf(value: unknown): number | undefined {
  return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined
}

function isBelow(path: Path, parent: Path): boolean {
  return path.length > parent.length && startsWith(path, parent)
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((step, at) => path[at] === step)
}
