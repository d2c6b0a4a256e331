/** Deletes stored objects, one or all that are selected. */
import type { KubeObject } from '@orc/schemas'
import { apiVersionOf, keyOfObject } from '@orc/schemas'
import type { Resource } from '../resources/resource.ts'
import { sourceOf } from '../resources/source.ts'
import { json, warningHeaders } from './answer.ts'
import { JSON_TYPES, readBody, SMALL_BODY_BYTES } from './body.ts'
import type { Answer, ApiContext, Call } from './call.ts'
import { badRequest, conflict, Failure, invalid, notFound, refusedWrite } from './errors.ts'
import { brokenPrecondition, readPreconditions, type Preconditions } from './incoming.ts'
import { shown } from './parameters.ts'
import { isObject } from './patch.ts'
import { readSelection } from './selectors.ts'
import { refuseDryRun, writerOf } from './write.ts'

export async function deleteObject(context: ApiContext, resource: Resource, call: Call): Promise<Answer> {
  const preconditions = await readDeleteOptions(call)
  if (preconditions instanceof Failure) return preconditions
  const { namespace = '', name = '' } = call.params
  const current = sourceOf(resource, context).get(namespace, name)
  if (current === undefined) return notFound(resource.name, name)
  const problem = brokenPrecondition(current, preconditions)
  if (problem !== undefined) return conflict(resource.name, name, problem)
  const result = await writerOf(resource, context).delete(keyOfObject(current))
  if (!result.ok) return refusedWrite(resource.name, name, result.refusal)
  return json(200, goneOf(resource, result.object), warningHeaders(result.warnings))
}

/** Stops at the first refusal; the answer lists what was deleted. */
export async function deleteCollection(context: ApiContext, resource: Resource, call: Call): Promise<Answer> {
  const preconditions = await readDeleteOptions(call)
  if (preconditions instanceof Failure) return preconditions
  const selection = readSelection(call.query, resource.fields)
  if (selection instanceof Failure) return selection
  const selected = sourceOf(resource, context)
    .list(call.params.namespace)
    .filter((object) => selection.matches(object))
  const items: KubeObject[] = []
  for (const object of selected) {
    const result = await writerOf(resource, context).delete(keyOfObject(object))
    if (result.ok) items.push(result.object)
    // Somebody else was quicker.
    else if (result.refusal.reason !== 'NotFound')
      return refusedWrite(resource.name, object.metadata.name, result.refusal)
  }
  const { kind } = resource.name
  const metadata = { resourceVersion: context.cache.snapshotVersion() }
  return json(200, { kind: `${kind}List`, apiVersion: apiVersionOf(resource.name), metadata, items })
}

/** The uid tells clients whether an object of this name that they meet later is another one. */
function goneOf({ name: { group, plural } }: Resource, { metadata: { name, uid } }: KubeObject): unknown {
  const details = { name, ...(group !== '' && { group }), kind: plural, ...(uid !== undefined && { uid }) }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
}

const POLICIES: readonly unknown[] = ['Background', 'Foreground', undefined, null, '']

/** metav1.DeleteOptions, from the body and the query. */
async function readDeleteOptions({ request, query }: Call): Promise<Preconditions | Failure> {
  const refused = refuseDryRun(query)
  if (refused !== undefined) return refused
  const body = await readBody(request, { types: JSON_TYPES, limit: SMALL_BODY_BYTES, isOptional: true })
  if (body instanceof Failure) return body
  const options = body.value ?? {}
  if (!isObject(options)) return badRequest('the body must be DeleteOptions')
  if (options['dryRun'] !== undefined) return badRequest('dry run is not supported yet')
  return refusePolicy(options, query) ?? readPreconditions(options['preconditions'])
}

/** Background and Foreground come to the same: services own their processes either way. */
function refusePolicy(options: Record<string, unknown>, query: URLSearchParams): Failure | undefined {
  const isOrphan = options['orphanDependents'] === true || query.get('orphanDependents') === 'true'
  const policy = isOrphan ? 'Orphan' : (query.get('propagationPolicy') ?? options['propagationPolicy'])
  const field = 'propagationPolicy'
  if (policy === 'Orphan') return invalid('orphaning is not possible: nothing would own the processes', field)
  if (POLICIES.includes(policy)) return undefined
  return invalid(`propagationPolicy must be Background or Foreground; got ${shown(JSON.stringify(policy))}`, field)
}
