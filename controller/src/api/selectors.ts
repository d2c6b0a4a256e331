/** Label and field selectors as predicates, with the grammar of the Kubernetes API. Parsing takes linear time. */
import { DEFAULT_NAMESPACE, type KubeObject } from '@orc/schemas'
import type { Field } from '../resources/resource.ts'
import { badRequest, Failure } from './errors.ts'
import { shown } from './parameters.ts'

export interface Selection {
  readonly isEverything: boolean
  matches(object: KubeObject): boolean
}

type Labels = Readonly<Record<string, string>>
type Test<T> = (value: T) => boolean

/** `fields` = what the kind has beside the fields that all objects have. */
export function readSelection(query: URLSearchParams, fields: readonly Field[] = []): Selection | Failure {
  const labelTests = parse(query.get('labelSelector') ?? '', labelTest, 'labelSelector')
  if (labelTests instanceof Failure) return labelTests
  const fieldTests = parse(
    query.get('fieldSelector') ?? '',
    (part) => fieldTest(part, [...FIELDS, ...fields]),
    'fieldSelector',
  )
  if (fieldTests instanceof Failure) return fieldTests
  return {
    isEverything: labelTests.length + fieldTests.length === 0,
    matches: (object) => {
      const labels = object.metadata.labels ?? {}
      return labelTests.every((test) => test(labels)) && fieldTests.every((test) => test(object))
    },
  }
}

function parse<T>(
  text: string,
  read: (part: string) => Test<T> | undefined | Failure,
  parameter: string,
): Test<T>[] | Failure {
  const tests: Test<T>[] = []
  for (const part of text.trim() === '' ? [] : splitAtCommas(text)) {
    const test = read(part.trim())
    if (test instanceof Failure) return test
    if (test === undefined) return badRequest(`unable to parse requirement ${shown(part)} of ${parameter}`)
    tests.push(test)
  }
  return tests
}

/** Commas between parentheses belong to a list of values. */
function splitAtCommas(text: string): string[] {
  const parts: string[] = []
  let start = 0
  let isInside = false
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at)
    if (sign === '(') isInside = true
    else if (sign === ')') isInside = false
    else if (sign === ',' && !isInside) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  return [...parts, text.slice(start)]
}

const EXISTENCE = /^(!?) *([\w./-]+)$/
const COMPARISON = /^([\w./-]+) *(==|=|!=) *([\w.-]*)$/
const MEMBERSHIP = /^([\w./-]+) +(in|notin) *\(([^()]*)\)$/

/** `!=` and `notin` also select what has no such label. */
function labelTest(part: string): Test<Labels> | undefined {
  const [, not, existing] = EXISTENCE.exec(part) ?? []
  if (existing !== undefined) return (labels) => Object.hasOwn(labels, existing) === (not === '')
  const [, key, operator, value] = COMPARISON.exec(part) ?? []
  if (key !== undefined) return (labels) => (labels[key] === value) === (operator !== '!=')
  const [, member, word, list = ''] = MEMBERSHIP.exec(part) ?? []
  if (member === undefined) return undefined
  const values = new Set<string | undefined>(list.split(',').map((item) => item.trim()))
  return (labels) => values.has(labels[member]) === (word === 'in')
}

const FIELDS: readonly Field[] = [
  { path: 'metadata.name', value: ({ metadata }) => metadata.name },
  { path: 'metadata.namespace', value: ({ metadata }) => metadata.namespace ?? DEFAULT_NAMESPACE },
]

function fieldTest(part: string, fields: readonly Field[]): Test<KubeObject> | undefined | Failure {
  const [, path, operator, value] = /^([\w./[\]-]+) *(==|=|!=) *([^=]*)$/.exec(part) ?? []
  if (path === undefined) return undefined
  const field = fields.find((candidate) => candidate.path === path)
  if (field === undefined) return badRequest(`field label not supported: ${path.slice(0, 80)}`)
  return (object) => (field.value(object) === value) === (operator !== '!=')
}
