/** One object or a list of them, as objects or as a table. */
import { apiVersionOf } from '@orc/schemas'
import type { Resource } from '../resources/resource.ts'
import { sourceOf } from '../resources/source.ts'
import { jsonBody } from './answer.ts'
import type { Answer, ApiContext, Call } from './call.ts'
import { badRequest, expired, Failure, notFound, unknownVersion } from './errors.ts'
import { jsonText, withList } from './json-text.ts'
import { negotiate, readIncludeObject } from './negotiate.ts'
import type { Page } from './pages.ts'
import { readBoolean, readCount, shown } from './parameters.ts'
import { readSelection, type Selection } from './selectors.ts'
import { tableText } from './table-format.ts'

export async function getObject(context: ApiContext, resource: Resource, call: Call): Promise<Answer> {
  const { request, params, query } = call
  const form = negotiate(request.headers.accept)
  if (form instanceof Failure) return form
  const includeObject = readIncludeObject(query)
  if (includeObject instanceof Failure) return includeObject
  const { namespace = '', name = '' } = params
  const wallMs = context.clock.wallMs()
  const objects = await resource.list?.({ namespace, query, rooms: context, wallMs })
  if (objects instanceof Failure) return objects
  const object =
    objects === undefined
      ? sourceOf(resource, context).get(namespace, name)
      : objects.find(({ metadata }) => metadata.name === name)
  if (object === undefined) return notFound(resource.name, name)
  if (form === 'Object') return jsonBody(200, jsonText((await resource.complete?.(context, object)) ?? object))
  const metadata = { resourceVersion: object.metadata.resourceVersion }
  return jsonBody(200, tableText(resource, [object], { metadata, includeObject, wallMs }))
}

export async function listObjects(context: ApiContext, resource: Resource, call: Call): Promise<Answer> {
  const form = negotiate(call.request.headers.accept)
  if (form instanceof Failure) return form
  const includeObject = readIncludeObject(call.query)
  if (includeObject instanceof Failure) return includeObject
  const watch = readBoolean(call.query, 'watch')
  if (watch instanceof Failure) return watch
  const selection = readSelection(call.query, resource.fields)
  if (selection instanceof Failure) return selection
  const page = await pageOf(context, resource, call, selection)
  if (page instanceof Failure) return page
  const metadata = {
    resourceVersion: page.resourceVersion,
    ...(page.continue !== undefined && { continue: page.continue }),
    ...(page.remaining > 0 && selection.isEverything && { remainingItemCount: page.remaining }),
  }
  if (form === 'Table')
    return jsonBody(200, tableText(resource, page.items, { metadata, includeObject, wallMs: context.clock.wallMs() }))
  const { kind } = resource.name
  const head = { kind: `${kind}List`, apiVersion: apiVersionOf(resource.name), metadata }
  return jsonBody(200, withList(head, 'items', page.items.map(jsonText)))
}

async function pageOf(
  context: ApiContext,
  resource: Resource,
  { params, query }: Call,
  selection: Selection,
): Promise<Page | Failure> {
  const limit = readCount(query, 'limit')
  if (limit instanceof Failure) return limit
  const { plural, group } = resource.name
  const selectors = [query.get('labelSelector'), query.get('fieldSelector')]
  const scope = JSON.stringify([group, plural, params.namespace, ...selectors])
  const token = query.get('continue') ?? ''
  if (token !== '') return context.pages.next(token, scope, limit ?? 0)
  const resourceVersion = context.cache.snapshotVersion()
  const problem = versionProblem(query, resourceVersion)
  if (problem !== undefined) return problem
  const { namespace } = params
  const wallMs = context.clock.wallMs()
  const all =
    resource.list === undefined
      ? sourceOf(resource, context).list(namespace)
      : await resource.list({ namespace, query, rooms: context, wallMs })
  if (all instanceof Failure) return all
  const items = selection.isEverything ? all : all.filter((object) => selection.matches(object))
  return context.pages.first({ scope, items, resourceVersion }, limit ?? 0)
}

/** What the client asks for must not be newer than what is known here, and only the present state is. */
export function versionProblem(query: URLSearchParams, latest: string): Failure | undefined {
  const asked = query.get('resourceVersion') ?? ''
  if (!/^\d{0,15}$/.test(asked)) return badRequest(`resourceVersion must be a number; got ${shown(asked)}`)
  if (Number(asked) > Number(latest)) return unknownVersion(asked, latest)
  if (query.get('resourceVersionMatch') !== 'Exact' || asked === latest) return undefined
  return expired(`The resourceVersion ${asked} is not kept: only the present state is`)
}
