/** What a client sends to be stored: does it belong to the address that it was sent to? */
import { randomInt } from 'node:crypto'
import { DEFAULT_NAMESPACE, type KubeObject } from '@orc/schemas'
import type { Call } from './call.ts'
import type { Failure } from './errors.ts'
import { badRequest } from './errors.ts'
import { isObject } from './patch.ts'
import { shown } from './parameters.ts'

/** An object whose kind and place are right; nothing else of it has been looked at. */
export interface Incoming {
  readonly metadata: Readonly<Record<string, unknown>>
  readonly [field: string]: unknown
}

/** What the object must say of itself. */
export interface Identity {
  readonly apiVersion: string
  readonly kind: string
}

export function readIncoming(value: unknown, identity: Identity, params: Call['params']): Incoming | Failure {
  if (!isObject(value)) return badRequest('the body must be an object')
  const problem = identityProblem(value, identity)
  if (problem !== undefined) return problem
  const metadata = value['metadata'] ?? {}
  if (!isObject(metadata)) return badRequest('metadata must be an object')
  return placeProblem(metadata, params) ?? { ...value, metadata: { ...metadata, ...placeOf(metadata, params) } }
}

function placeProblem(metadata: Record<string, unknown>, { namespace, name }: Call['params']): Failure | undefined {
  if (namespace !== undefined && (metadata['namespace'] ?? namespace) !== namespace)
    return badRequest('the namespace of the provided object does not match the namespace sent on the request')
  if (name !== undefined && (metadata['name'] ?? name) !== name)
    return badRequest('the name of the provided object does not match the name in the address')
  return undefined
}

/** What the address adds. The default namespace says nothing new: new objects are stored as they were sent. */
function placeOf(metadata: Record<string, unknown>, { namespace, name }: Call['params']): Call['params'] {
  const isImplied = metadata['namespace'] === undefined && namespace === DEFAULT_NAMESPACE
  return {
    ...(namespace !== undefined && !isImplied && { namespace }),
    ...(name !== undefined && { name }),
  }
}

function identityProblem(value: Record<string, unknown>, { apiVersion, kind }: Identity): Failure | undefined {
  if (value['apiVersion'] !== apiVersion) {
    const sent = typeof value['apiVersion'] === 'string' ? value['apiVersion'] : ''
    return badRequest(
      `the API version in the data (${sent.slice(0, 80)}) does not match the expected API version (${apiVersion})`,
    )
  }
  if (value['kind'] === kind) return undefined
  return badRequest(`the kind in the data must be ${kind}; got ${shown(JSON.stringify(value['kind']) ?? 'nothing')}`)
}

/** With a name made from `generateName` where it has none. */
export function withGeneratedName(object: Incoming): Incoming {
  const { name, generateName } = object.metadata
  if (name !== undefined || typeof generateName !== 'string' || generateName === '') return object
  return { ...object, metadata: { ...object.metadata, name: `${generateName.slice(0, 58)}${randomEnd()}` } }
}

/** Without vowels, so that no words come out, as Kubernetes does it. */
function randomEnd(): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789'
  return Array.from({ length: 5 }, () => letters.charAt(randomInt(letters.length))).join('')
}

/** What the object must be for the write to take place. */
export interface Preconditions {
  readonly uid?: string
  readonly resourceVersion?: string
}

export function readPreconditions(value: unknown): Preconditions | Failure {
  if (value === undefined || value === null) return {}
  if (!isObject(value)) return badRequest('preconditions must be an object')
  const { uid, resourceVersion } = value
  if (!isText(uid) || !isText(resourceVersion)) return badRequest('uid and resourceVersion must be strings')
  return { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) }
}

function isText(value: unknown): value is string | undefined | null {
  return value === undefined || value === null || typeof value === 'string'
}

/** Undefined when they hold. */
export function brokenPrecondition(
  { metadata }: KubeObject,
  { uid, resourceVersion }: Preconditions,
): string | undefined {
  if (uid !== undefined && uid !== metadata.uid)
    return `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid ?? ''}`
  if (resourceVersion === undefined || resourceVersion === metadata.resourceVersion) return undefined
  return 'the object has been modified; please apply your changes to the latest version and try again'
}

/** A patch may not make another object of it. */
export function movedField(value: Record<string, unknown>, current: KubeObject): string | undefined {
  const metadata = isObject(value['metadata']) ? value['metadata'] : {}
  if (value['kind'] !== current.kind) return 'kind'
  if (value['apiVersion'] !== current.apiVersion) return 'apiVersion'
  if (metadata['name'] !== current.metadata.name) return 'metadata.name'
  return metadata['namespace'] === current.metadata.namespace ? undefined : 'metadata.namespace'
}
