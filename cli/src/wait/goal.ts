/** What `wait --for` waits for: read from its text, and judged on an object. Pure. */
import type { Condition, KubeObject } from '@orc/schemas'
import { UsageError } from 'clipanion'
import { formatValue, parseRelaxedPath, valuesAt, type Path } from '../jsonpath/index.ts'

export type Goal =
  | { readonly type: 'Condition'; readonly condition: string; readonly status: string }
  /** Any value will do when none is given, but there must be one. */
  | { readonly type: 'JsonPath'; readonly path: Path; readonly value: string | undefined }
  | { readonly type: 'Create' | 'Delete' }

const FORMS = 'condition=TYPE[=STATUS], jsonpath={PATH}[=VALUE], create or delete'

export function parseGoal(text: string | undefined): Goal {
  if (text === undefined) throw new UsageError(`--for is missing: ${FORMS}`)
  const word = text.toLowerCase()
  if (word === 'create' || word === 'delete') return { type: word === 'create' ? 'Create' : 'Delete' }
  const [, condition, status = 'True'] = /^condition=([^=]+)(?:=(.+))?$/i.exec(text) ?? []
  if (condition !== undefined) return { type: 'Condition', condition, status }
  const [, braced, bare, value] = /^jsonpath=(?:(\{.+\})|([^={]+))(?:=(.*))?$/isu.exec(text) ?? []
  const path = braced ?? bare
  if (path !== undefined) return { type: 'JsonPath', path: parseRelaxedPath(path), value }
  throw new UsageError(`unrecognized condition: ${JSON.stringify(text)}; --for takes ${FORMS}`)
}

/** `uid`: of the object that was there when the waiting began; a later one of the same name is not the same. */
export function isReached(goal: Goal, object: KubeObject | undefined, uid: string | undefined): boolean {
  if (goal.type === 'Delete') return object === undefined || object.metadata.uid !== uid
  if (object === undefined) return false
  switch (goal.type) {
    case 'Create':
      return true
    case 'Condition':
      return hasCondition(object, goal)
    case 'JsonPath':
      return hasValue(valuesAt(goal.path, object), goal.value)
  }
}

interface WithConditions {
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly Condition[] }
}

/** In any case of letters, as kubectl. What was said of an earlier generation is not about what is asked for now. */
function hasCondition(object: KubeObject & WithConditions, wanted: Extract<Goal, { type: 'Condition' }>): boolean {
  const { generation = 0 } = object.metadata
  const { conditions = [], observedGeneration = generation } = object.status ?? {}
  const found = conditions.find(({ type }) => type.toLowerCase() === wanted.condition.toLowerCase())
  if (found === undefined || observedGeneration < generation) return false
  return found.status.toLowerCase() === wanted.status.toLowerCase()
}

function hasValue(values: readonly unknown[], wanted: string | undefined): boolean {
  return values.length > 0 && values.every((value) => wanted === undefined || formatValue(value) === wanted)
}
