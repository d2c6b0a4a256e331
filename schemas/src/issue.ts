/** Prose for validation errors: facts of the validator in, one sentence with what is allowed out. */
import type { ErrorObject } from 'ajv'
import { didYouMean } from './did-you-mean.ts'
import type { JsonSchema } from './json-schema.ts'

export type Path = readonly (string | number)[]

/** Something wrong in an object. `at: 'key'` = the name of the field is wrong, not what it holds. */
export interface Issue {
  readonly path: Path
  readonly at: 'key' | 'value'
  readonly message: string
}

/** `['spec', 'ports', 0, 'port']` as `spec.ports[0].port`. */
export function fieldName(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${String(step)}]`
    else if (/^[A-Za-z_][\w-]*$/.test(step)) text += text === '' ? step : `.${step}`
    else text += `[${JSON.stringify(step)}]`
  }
  return text
}

/** `path: message`, or the message alone where it is about the whole object or names the field itself. */
export function formatIssue(issue: Issue): string {
  const field = fieldName(issue.path)
  return field === '' || issue.message.startsWith(field) ? issue.message : `${field}: ${issue.message}`
}

/** What a pattern of the schemas means, for people. */
const PATTERN_WORDS: Readonly<Record<string, string>> = {
  '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$':
    'lower-case letters, digits and "-", beginning and ending with a letter or digit (a DNS label)',
  '^[A-Za-z_][A-Za-z0-9_]*$': 'letters, digits and "_", not beginning with a digit',
  '^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$':
    'letters, digits, "-", "_" and ".", beginning and ending with a letter or digit',
  '^[-._a-zA-Z0-9]+$': 'letters, digits, "-", "_" and "."',
  '^https?://[^\\s]+$': 'an address that begins with http:// or https://',
  '^/[^\\s]*$': 'a path that begins with "/"',
  '^[A-Za-z0-9+/=\\s]*$': 'base64 (use stringData for plain text)',
  '^[0-9]+(\\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi)?$':
    'a quantity: a number with one of the suffixes m, k, Ki, M, Mi, G, Gi, T, Ti, P, Pi or none',
}

export function describeIssue(error: ErrorObject, object: unknown, schema: JsonSchema): Issue {
  const path = pathOf(error.instancePath, object)
  const value = valueAt(object, path)
  if (error.keyword === 'additionalProperties')
    return unknownField(path, String(error.params['additionalProperty']), schema)
  if (error.keyword === 'required')
    return {
      path,
      at: 'value',
      message: `${fieldName([...path, String(error.params['missingProperty'])])} is required`,
    }
  if (error.keyword === 'propertyNames')
    return { path, at: 'value', message: `the key ${show(error.params['propertyName'])} is not allowed` }
  const got = isSecret(object, path) ? '' : `; got ${show(value)}`
  return { path, at: 'value', message: sentence(error, { value, got }, schema, path) }
}

/** What a Secret holds is in no message: these go to logs, events and the API. */
function isSecret(object: unknown, [field]: Path): boolean {
  return (object as { kind?: unknown } | null)?.kind === 'Secret' && (field === 'data' || field === 'stringData')
}

function sentence(
  error: ErrorObject,
  { value, got }: { readonly value: unknown; readonly got: string },
  schema: JsonSchema,
  path: Path,
): string {
  const limit = String(error.params['limit'])
  const bounds: Readonly<Record<string, string>> = {
    minimum: `must be at least ${limit}${got}`,
    maximum: `must be at most ${limit}${got}`,
    minLength: limit === '1' ? 'must not be empty' : `must have at least ${limit} characters`,
    maxLength: `must have at most ${limit} characters`,
    minItems: `must have at least ${limit} item${limit === '1' ? '' : 's'}`,
    maxItems: `must have at most ${limit} items`,
    minProperties: choiceOf(schema, path),
    maxProperties: limit === '1' ? choiceOf(schema, path) : `must have at most ${limit} keys`,
    oneOf: choiceOf(schema, path),
    not: 'must have either value or valueFrom, not both',
    format: `must be a time as RFC 3339 writes it, for example 2026-01-31T09:30:00Z${got}`,
    type: `must be ${[error.params['type']].flat().join(' or ')}${got}${quoteHint(error, value)}`,
    pattern: `must be ${PATTERN_WORDS[String(error.params['pattern'])] ?? `of the form ${String(error.params['pattern'])}`}${got}`,
  }
  if (error.keyword === 'enum') return enumSentence(error.params['allowedValues'] as unknown[], value)
  return bounds[error.keyword] ?? error.message ?? 'is not valid'
}

function enumSentence(allowed: readonly unknown[], value: unknown): string {
  const words = allowed.map(String)
  const near = typeof value === 'string' ? didYouMean(value, words) : ''
  return `must be ${words.length === 1 ? '' : 'one of '}${words.join(', ')}; got ${show(value)}${near}`
}

function unknownField(path: Path, name: string, schema: JsonSchema): Issue {
  const known = Object.keys(schemaAt(schema, path)?.properties ?? {})
  const allowed = known.length > 0 && known.length <= 12 ? `; allowed are ${known.join(', ')}` : ''
  return {
    path: [...path, name],
    at: 'key',
    message: `unknown field ${JSON.stringify(name)}${didYouMean(name, known) || allowed}`,
  }
}

/** YAML's own traps: a port written as text, an argument that looks like a number. */
function quoteHint(error: ErrorObject, value: unknown): string {
  const wanted = error.params['type'] as unknown
  if (wanted === 'string' && (typeof value === 'number' || typeof value === 'boolean')) return ` (write it in quotes)`
  if (wanted === 'integer' && typeof value === 'string' && /^\d+$/.test(value)) return ` (write it without quotes)`
  return ''
}

function choiceOf(schema: JsonSchema, path: Path): string {
  const at = schemaAt(schema, path)
  const branches = (at?.['oneOf'] as { required: string[] }[] | undefined)?.flatMap((branch) => branch.required)
  return `must have exactly one of ${(branches ?? Object.keys(at?.properties ?? {})).join(', ')}`
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (value !== null && typeof value === 'object') return 'an object'
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

/** A JSON pointer as a path; steps into a list become numbers. */
function pathOf(pointer: string, object: unknown): Path {
  const path: (string | number)[] = []
  let at: unknown = object
  for (const raw of pointer.split('/').slice(1)) {
    const step = raw.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(Array.isArray(at) ? Number(step) : step)
    at = (at as Record<string, unknown> | undefined)?.[step]
  }
  return path
}

export function valueAt(object: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<string | number, unknown> | null | undefined)?.[step], object)
}

/** The schema of the field at `path`; undefined where the path leaves what the schema knows. */
export function schemaAt(schema: JsonSchema, path: Path): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>((at, step) => {
    if (typeof step === 'number') return at?.items
    const rest = at?.additionalProperties
    return at?.properties?.[step] ?? (typeof rest === 'object' ? rest : undefined)
  }, schema)
}
