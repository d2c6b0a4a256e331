/** Deletes stored objects, one or all that are selected. */
import { apiVersionOf, keyOfObject, type KubeObject } from '@orc/schemas'
import type { WriteRefusal, WriteResult } from '../ports/object-writer.ts'
import type { Resource } from '../resources/resource.ts'
import { sourceOf } from '../resources/source.ts'
import { json, warningHeaders } from './answer.ts'
import type { Answer, ApiContext, Call } from './call.ts'
import { readDeletion, type Deletion } from './delete-options.ts'
import { badRequest, Failure, notFound, refusedWrite } from './errors.ts'
import { brokenPrecondition } from './incoming.ts'
import { mutate, type Mutation } from './mutation.ts'
import { negotiateWrite } from './negotiate.ts'
import { readSelection } from './selectors.ts'
import { previewed } from './write.ts'

export async function deleteObject(context: ApiContext, resource: Resource, call: Call): Promise<Answer> {
  const deletion = await readDeletion(call)
  if (deletion instanceof Failure) return deletion
  const form = negotiateWrite(call.request.headers.accept, deletion.dryRun)
  if (form instanceof Failure) return form
  const { namespace = '', name = '' } = call.params
  const object = sourceOf(resource, context).get(namespace, name)
  if (object === undefined) return notFound(resource.name, name)
  const mutation = {
    verb: 'delete',
    resource,
    key: keyOfObject(object),
    user: call.user,
    dryRun: deletion.dryRun,
  } as const
  const result = await carryOut(context, mutation, deletion, () => undefined)
  if (!result.ok) return refusedWrite(resource.name, name, result.refusal)
  if (form === 'Manifest') return previewed(resource, name, result)
  return json(200, goneOf(resource, result.object), warningHeaders(result.warnings))
}

/** Stops at the first refusal; the answer lists what was deleted. */
export async function deleteCollection(context: ApiContext, resource: Resource, call: Call): Promise<Answer> {
  const deletion = await readDeletion(call)
  if (deletion instanceof Failure) return deletion
  const form = negotiateWrite(call.request.headers.accept, deletion.dryRun)
  if (form instanceof Failure) return form
  if (form === 'Manifest') return badRequest('as=Manifest shows one file: it takes the name of one object')
  const selection = readSelection(call.query, resource.fields)
  if (selection instanceof Failure) return selection
  const selected = sourceOf(resource, context)
    .list(call.params.namespace)
    .filter((object) => selection.matches(object))
  const items: KubeObject[] = []
  const warnings: string[] = []
  for (const object of selected) {
    const { name, uid } = object.metadata
    const mutation = {
      verb: 'deletecollection',
      resource,
      key: keyOfObject(object),
      user: call.user,
      dryRun: deletion.dryRun,
    } as const
    // What was selected may be another one by now, or one that would not be selected any more.
    const isMeant = (current: KubeObject): boolean => current.metadata.uid === uid && selection.matches(current)
    const result = await carryOut(context, mutation, deletion, (current) => (isMeant(current) ? undefined : NOT_MEANT))
    if (result.ok) {
      items.push(result.object)
      warnings.push(...result.warnings)
    }
    // Somebody else was quicker.
    else if (result.refusal.reason !== 'NotFound') return refusedWrite(resource.name, name, result.refusal)
  }
  const { kind } = resource.name
  const metadata = { resourceVersion: context.cache.snapshotVersion() }
  const list = { kind: `${kind}List`, apiVersion: apiVersionOf(resource.name), metadata, items }
  return json(200, list, warningHeaders(warnings))
}

const NOT_MEANT: WriteRefusal = { reason: 'NotFound', message: 'it is not selected any more' }

function carryOut(
  context: ApiContext,
  mutation: Mutation,
  { preconditions, dryRun, gracePeriodSeconds }: Deletion,
  refuse: (current: KubeObject) => WriteRefusal | undefined,
): Promise<WriteResult> {
  const check = (current: KubeObject): WriteRefusal | undefined => {
    const refusal = refuse(current)
    const message = brokenPrecondition(current, preconditions)
    return refusal ?? (message === undefined ? undefined : { reason: 'Conflict', message })
  }
  return mutate(context, mutation, (writer) =>
    writer.delete(mutation.key, { dryRun, check, ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }) }),
  )
}

/** What ends in its own time is shown. The uid tells clients whether an object of this name that they meet later is another one. */
function goneOf({ name: { group, plural } }: Resource, object: KubeObject): unknown {
  const { name, uid, deletionTimestamp } = object.metadata
  if (deletionTimestamp) return object
  const details = { name, ...(group !== '' && { group }), kind: plural, ...(uid !== undefined && { uid }) }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
}
