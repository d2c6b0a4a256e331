/** Says whether a value is a valid object of a known kind, and if not, what to do about it, field by field. */
import * as validators from './generated/validate.js'
import { schemas } from './generated/index.ts'
import type { JsonSchema } from './json-schema.ts'
import { didYouMean } from './did-you-mean.ts'
import { describeIssue, fieldName, type Issue, type Path } from './issue.ts'
import { DEFAULT_NAMESPACE, type Declared } from './resource.ts'
import { semanticIssues } from './semantics.ts'

const API_VERSIONS: Readonly<Record<string, string>> = {
  AgentService: 'orc.dev/v1alpha1',
  ConfigMap: 'v1',
  Secret: 'v1',
  Namespace: 'v1',
}

/** Kinds that live in no namespace. */
const CLUSTER_KINDS: readonly unknown[] = ['Namespace']

export const DECLARED_KINDS: readonly string[] = Object.keys(API_VERSIONS)

export type Validation =
  | { readonly ok: true; readonly object: Declared; readonly warnings: readonly Issue[] }
  | { readonly ok: false; readonly issues: readonly Issue[] }

/** Checks a copy of `value` and fills in defaults there; `value` itself is left alone. */
export function validate(value: unknown): Validation {
  const kindIssue = checkKind(value)
  if (kindIssue !== undefined) return { ok: false, issues: [kindIssue] }
  const object = withoutServerFields(value as Record<string, unknown>)
  const kind = object['kind'] as keyof typeof validators
  const check = validators[kind]
  const schema = schemas[kind] ?? {}
  if (!check(object)) {
    // A failed `oneOf` comes with one error a branch; the summary alone is what a person needs.
    const errors = (check.errors ?? []).filter((error) => !/\/(oneOf|not)\/./.test(error.schemaPath))
    return { ok: false, issues: errors.map((error) => describeIssue(error, object, schema)) }
  }
  if (CLUSTER_KINDS.includes(kind)) Reflect.deleteProperty(object['metadata'] as object, 'namespace')
  const declared = object as unknown as Declared
  const issues = semanticIssues(declared)
  if (issues.length > 0) return { ok: false, issues }
  return { ok: true, object: declared, warnings: pendingIssues(object, schema, []) }
}

/**
 * A copy with the defaults of fields that it does not set. For what an earlier orc judged and stored: fields that came
 * later must not be missing, and a rule that came later does not make it wrong.
 */
export function fillDefaults(stored: Declared): Declared {
  const object = structuredClone(stored)
  validators[stored.kind](object)
  return object
}

function checkKind(value: unknown): Issue | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return { path: [], at: 'value', message: 'must be an object with apiVersion, kind, metadata and spec' }
  const { kind, apiVersion } = value as Record<string, unknown>
  const known = DECLARED_KINDS.join(', ')
  if (typeof kind !== 'string')
    return { path: ['kind'], at: 'value', message: `kind is required and must be one of ${known}` }
  const expected = API_VERSIONS[kind]
  if (expected === undefined)
    return {
      path: ['kind'],
      at: 'value',
      message: `kind ${JSON.stringify(kind)} is not known${didYouMean(kind, DECLARED_KINDS) || `; known are ${known}`}`,
    }
  if (apiVersion !== expected)
    return {
      path: ['apiVersion'],
      at: 'value',
      message: `apiVersion of ${kind} must be ${expected}; got ${JSON.stringify(apiVersion) ?? 'nothing'}`,
    }
  const { metadata } = value as Record<string, unknown>
  if (metadata === undefined || metadata === null)
    return { path: ['metadata'], at: 'value', message: 'metadata with a name is required' }
  if (CLUSTER_KINDS.includes(kind) && (metadata as { namespace?: unknown }).namespace !== undefined)
    return {
      path: ['metadata', 'namespace'],
      at: 'key',
      message: `a ${kind} is in no namespace; remove metadata.namespace`,
    }
  return undefined
}

const SERVER_METADATA = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'managedFields',
  'ownerReferences',
  'finalizers',
]

/** What only the server may say is dropped, as a Kubernetes API server does: `get -o yaml` can be edited and applied. */
export function withoutServerFields(value: Record<string, unknown>): Record<string, unknown> {
  const { status: _status, ...object } = structuredClone(value)
  const metadata = object['metadata']
  if (metadata !== null && typeof metadata === 'object' && !Array.isArray(metadata)) {
    const kept = metadata as Record<string, unknown>
    for (const field of SERVER_METADATA) Reflect.deleteProperty(kept, field)
    if (!CLUSTER_KINDS.includes(value['kind'])) kept['namespace'] ??= DEFAULT_NAMESPACE
  }
  return object
}

/** Fields that are set and accepted, but have no effect in this version. */
function pendingIssues(value: unknown, schema: JsonSchema, path: Path): Issue[] {
  if (value === undefined || value === null) return []
  const pending = schema['x-orc-pending']
  if (pending !== undefined)
    return [{ path, at: 'key', message: `${fieldName(path)} has no effect in this version: ${pending}` }]
  if (Array.isArray(value))
    return value.flatMap((item, index) => pendingIssues(item, schema.items ?? {}, [...path, index]))
  if (typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, child]) =>
    pendingIssues(child, schema.properties?.[key] ?? {}, [...path, key]),
  )
}
