/** Changes stored objects, and only these: what runs follows because the reconcile loop sees the change. */
import { apiVersionOf, DEFAULT_NAMESPACE, keyOf, type Key, type KubeObject } from '@orc/schemas'
import type { UpdateDecision, WriteDone, WriteResult } from '../ports/object-writer.ts'
import type { Resource, ViewSubresource } from '../resources/resource.ts'
import { json, warningHeaders } from './answer.ts'
import { JSON_TYPES, PATCH_TYPES, readBody, STORED_BODY_BYTES } from './body.ts'
import type { Answer, ApiContext, Call } from './call.ts'
import { badRequest, Failure, noFile, refusedWrite } from './errors.ts'
import {
  brokenPrecondition,
  movedField,
  readIncoming,
  readPreconditions,
  withGeneratedName,
  type Identity,
  type Incoming,
  type Preconditions,
} from './incoming.ts'
import { mutate, readDryRun } from './mutation.ts'
import { negotiateWrite, type WriteForm } from './negotiate.ts'
import { isObject, mergePatch } from './patch.ts'

function keyOfCall({ name: { kind } }: Resource, { namespace, name }: Call['params']): Key {
  return keyOf(kind, namespace ?? DEFAULT_NAMESPACE, name ?? '')
}

export async function createObject(context: ApiContext, resource: Resource, call: Call): Promise<Answer> {
  const dryRun = readDryRun(call.query.getAll('dryRun'))
  if (dryRun instanceof Failure) return dryRun
  const form = negotiateWrite(call.request.headers.accept, dryRun)
  if (form instanceof Failure) return form
  const object = await readObject(call, identityOf(resource))
  if (object instanceof Failure) return object
  if (object.metadata['resourceVersion'])
    return badRequest('resourceVersion should not be set on objects to be created')
  const named = withGeneratedName(object)
  const { namespace, name } = placeOf(named)
  const mutation = {
    verb: 'create',
    resource,
    key: keyOfCall(resource, { namespace, name }),
    user: call.user,
    dryRun,
  } as const
  const result = await mutate(context, mutation, (writer) => writer.create(named, { dryRun }))
  return written(resource, name, result, { code: 201, form })
}

/** PUT of an object, or of one of its views. */
export async function updateObject(
  context: ApiContext,
  resource: Resource,
  call: Call,
  view?: ViewSubresource,
): Promise<Answer> {
  const object = await readObject(call, view ?? identityOf(resource))
  if (object instanceof Failure) return object
  const preconditions = readPreconditions(object.metadata)
  if (preconditions instanceof Failure) return preconditions
  const decide = (current: KubeObject): UpdateDecision =>
    refuseIfBroken(current, preconditions) ?? (view === undefined ? { ok: true, object } : view.change(current, object))
  return update(context, resource, call, { verb: 'update', decide, view })
}

export async function patchObject(
  context: ApiContext,
  resource: Resource,
  call: Call,
  view?: ViewSubresource,
): Promise<Answer> {
  const body = await readWrite(call, PATCH_TYPES)
  if (body instanceof Failure) return body
  const patch = body.value
  if (!isObject(patch)) return badRequest('a merge patch must be an object')
  const preconditions = readPreconditions(patch['metadata'])
  if (preconditions instanceof Failure) return preconditions
  const decide = (current: KubeObject): UpdateDecision => {
    const base = view === undefined ? current : view.show(current)
    const merged = mergePatch(base, patch) as Record<string, unknown>
    return (
      refuseIfBroken(current, preconditions) ??
      refuseIfMoved(merged, base) ??
      (view === undefined ? { ok: true, object: merged } : view.change(current, merged))
    )
  }
  return update(context, resource, call, { verb: 'patch', decide, view })
}

interface Change {
  readonly verb: 'update' | 'patch'
  readonly decide: (current: KubeObject) => UpdateDecision
  readonly view: ViewSubresource | undefined
}

async function update(
  context: ApiContext,
  resource: Resource,
  call: Call,
  { verb, decide, view }: Change,
): Promise<Answer> {
  const dryRun = readDryRun(call.query.getAll('dryRun'))
  if (dryRun instanceof Failure) return dryRun
  const form = negotiateWrite(call.request.headers.accept, dryRun)
  if (form instanceof Failure) return form
  const key = keyOfCall(resource, call.params)
  const mutation = { verb, resource, subresource: view?.name, key, user: call.user, dryRun }
  const result = await mutate(context, mutation, (writer) => writer.update(key, decide, { dryRun }))
  return written(resource, call.params.name ?? '', result, { code: 200, form, view })
}

function written(
  resource: Resource,
  name: string,
  result: WriteResult,
  { code, form, view }: { code: number; form: WriteForm; view?: ViewSubresource | undefined },
): Answer {
  if (!result.ok) return refusedWrite(resource.name, name, result.refusal)
  if (form === 'Manifest') return previewed(resource, name, result)
  return json(code, view === undefined ? result.object : view.show(result.object), warningHeaders(result.warnings))
}

/** Of a try, the file in which the object is stored. */
export function previewed({ name: resource }: Resource, name: string, result: WriteDone): Answer {
  const { file, warnings } = result
  return file === undefined ? noFile(resource, name) : json(200, file, warningHeaders(warnings))
}

async function readObject(call: Call, { apiVersion, kind }: Identity): Promise<Incoming | Failure> {
  const body = await readWrite(call, JSON_TYPES)
  return body instanceof Failure ? body : readIncoming(body.value, { apiVersion, kind }, call.params)
}

function readWrite({ request }: Call, types: readonly string[]): Promise<{ value: unknown } | Failure> {
  return readBody(request, { types, limit: STORED_BODY_BYTES })
}

function placeOf({ metadata: { namespace, name } }: Incoming): { namespace: string; name: string } {
  return {
    namespace: typeof namespace === 'string' ? namespace : DEFAULT_NAMESPACE,
    name: typeof name === 'string' ? name : '',
  }
}

function refuseIfBroken(current: KubeObject, preconditions: Preconditions): UpdateDecision | undefined {
  const message = brokenPrecondition(current, preconditions)
  return message === undefined ? undefined : { ok: false, refusal: { reason: 'Conflict', message } }
}

function refuseIfMoved(merged: Record<string, unknown>, base: KubeObject): UpdateDecision | undefined {
  const field = movedField(merged, base)
  if (field === undefined) return undefined
  const message = `${field} cannot be changed`
  return { ok: false, refusal: { reason: 'Invalid', message, causes: [{ field, message }] } }
}

function identityOf({ name }: Resource): Identity {
  return { apiVersion: apiVersionOf(name), kind: name.kind }
}
