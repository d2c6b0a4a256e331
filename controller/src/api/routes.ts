/** Turns the resource table into routes: which address takes which method, for which verb. */
import { resourcePath } from '@orc/schemas'
import type { Resource, Verb } from '../resources/resource.ts'
import type { Operation } from './call.ts'
import { deleteCollection, deleteObject } from './delete.ts'
import { getObject, listObjects } from './read.ts'
import { subresourceOperation } from './subresources.ts'
import { watchObjects } from './watch.ts'
import { createObject, patchObject, updateObject } from './write.ts'

export interface Route {
  /** As express reads it: `:namespace` and `:name` stand for one segment each. */
  readonly path: string
  readonly resource: Resource
  readonly subresource?: string
  /** Why the methods that are not taken are not. */
  readonly refusal?: string
  readonly actions: readonly Action[]
}

export interface Action {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly verb: Verb
  readonly run: Operation
}

const COLLECTION: readonly Action[] = [
  { method: 'GET', verb: 'list', run: listObjects },
  { method: 'GET', verb: 'watch', run: watchObjects },
  { method: 'POST', verb: 'create', run: createObject },
]
const DELETE_COLLECTION: Action = { method: 'DELETE', verb: 'deletecollection', run: deleteCollection }
const OBJECT: readonly Action[] = [
  { method: 'GET', verb: 'get', run: getObject },
  { method: 'PUT', verb: 'update', run: (context, resource, call) => updateObject(context, resource, call) },
  { method: 'PATCH', verb: 'patch', run: (context, resource, call) => patchObject(context, resource, call) },
  { method: 'DELETE', verb: 'delete', run: deleteObject },
]
const METHODS = { get: 'GET', update: 'PUT', patch: 'PATCH' } as const

export function routesOf(resource: Resource): Route[] {
  const offered = (actions: readonly Action[]): Action[] => actions.filter(({ verb }) => resource.verbs.includes(verb))
  const { name, subresources = [] } = resource
  const namespace = name.namespaced ? ':namespace' : undefined
  const everywhere = pattern(resourcePath(name))
  const collection = pattern(resourcePath(name, namespace))
  const object = pattern(resourcePath(name, namespace, ':name'))
  return [
    // All at once can be deleted within one namespace only, as in Kubernetes.
    ...(name.namespaced ? [{ path: everywhere, resource, actions: offered(COLLECTION) }] : []),
    { path: collection, resource, actions: offered([...COLLECTION, DELETE_COLLECTION]) },
    { path: object, resource, actions: offered(OBJECT) },
    ...subresources.map((subresource) => ({
      path: `${object}/${subresource.name}`,
      resource,
      subresource: subresource.name,
      ...(subresource.type === 'Whole' && { refusal: subresource.refusal }),
      actions: subresource.verbs.map((verb) => ({
        method: METHODS[verb],
        verb,
        run: subresourceOperation(subresource, verb),
      })),
    })),
  ]
}

/** Undefined when the route does not take the method. `watch` is a list that does not end. */
export function actionFor(route: Route, method: string, query: URLSearchParams): Action | undefined {
  const isWatch = method === 'GET' && ['1', 'true'].includes(query.get('watch') ?? '')
  const wanted = method === 'HEAD' && route.subresource === undefined ? 'GET' : method
  const candidates = route.actions.filter((action) => action.method === wanted)
  if (!candidates.some(({ verb }) => verb === 'list')) return candidates[0]
  return candidates.find(({ verb }) => verb === (isWatch ? 'watch' : 'list'))
}

export function methodsOf({ actions }: Route): string[] {
  return [...new Set(actions.map(({ method }) => method))]
}

/** `resourcePath` escapes the colons of the placeholders. */
function pattern(path: string): string {
  return path.replaceAll('%3A', ':')
}
