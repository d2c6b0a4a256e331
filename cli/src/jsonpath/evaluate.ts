/** What a template or a path says about a value. Pure. What is not there is left out, never an error. */
import type { Member, Operand, Operator, Part, Path, Step, Template } from './template.ts'

export function formatTemplate(template: Template, value: unknown): string {
  return template.map((part) => formatPart(part, value)).join('')
}

function formatPart(part: Part, value: unknown): string {
  switch (part.type) {
    case 'Text':
      return part.text
    case 'Path':
      return valuesAt(part.path, value).map(formatValue).join(' ')
    case 'Range':
      return valuesAt(part.path, value)
        .map((each) => formatTemplate(part.body, each))
        .join('')
  }
}

/** Text as it is, everything else as JSON. */
export function formatValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export function valuesAt(path: Path, value: unknown): readonly unknown[] {
  return path.reduce<readonly unknown[]>((values, step) => values.flatMap((each) => follow(step, each)), [value])
}

function follow(step: Step, value: unknown): readonly unknown[] {
  switch (step.type) {
    case 'Field':
      return fieldOf(value, step.name)
    case 'Wildcard':
      return childrenOf(value)
    case 'Descent':
      return [value, ...descendantsOf(value)]
    case 'Slice':
      return sliceOf(value, step)
    case 'Union':
      return step.members.flatMap((member) => memberOf(value, member))
    case 'Filter':
      return childrenOf(value).filter((child) => passes(step, child))
  }
}

function fieldOf(value: unknown, name: string): readonly unknown[] {
  return isObject(value) && Object.hasOwn(value, name) ? [value[name]] : []
}

function memberOf(value: unknown, member: Member): readonly unknown[] {
  if (member.type === 'Key') {
    const own = fieldOf(value, member.key)
    return own.length > 0 || member.path.length === 0 ? own : valuesAt(member.path, value)
  }
  if (!Array.isArray(value)) return []
  const at = member.index < 0 ? value.length + member.index : member.index
  return at in value ? [value[at]] : []
}

function sliceOf(value: unknown, { first = 0, end, step = 1 }: { first?: number; end?: number; step?: number }) {
  if (!Array.isArray(value) || step <= 0) return []
  return (value.slice(first, end) as unknown[]).filter((_, at) => at % step === 0)
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  return isObject(value) ? Object.values(value) : []
}

function descendantsOf(value: unknown): readonly unknown[] {
  return childrenOf(value).flatMap((child) => [child, ...descendantsOf(child)])
}

function passes({ left, operator, right }: Extract<Step, { type: 'Filter' }>, value: unknown): boolean {
  const [a, ...others] = operandOf(left, value)
  if (operator === undefined || right === undefined) return a !== undefined || others.length > 0
  const [b] = operandOf(right, value)
  return a !== undefined && b !== undefined && COMPARISONS[operator](order(a, b))
}

function operandOf(operand: Operand, value: unknown): readonly unknown[] {
  return operand.type === 'Value' ? [operand.value] : valuesAt(operand.path, value)
}

const COMPARISONS: Readonly<Record<Operator, (order: number) => boolean>> = {
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

/** Numbers by size, all else by its text. */
function order(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [textA, textB] = [formatValue(a), formatValue(b)]
  if (textA === textB) return 0
  return textA < textB ? -1 : 1
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
