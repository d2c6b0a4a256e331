/** Who may do what: the one place that decides, for every route and every upgrade. What it does not know is refused. */
import { RESOURCE_TABLE } from '../resources/table.ts'
import type { Resource, Verb } from '../resources/resource.ts'
import type { User } from './credentials.ts'
import { type Failure, forbidden, methodNotAllowed, unauthorized, unknownPath } from './errors.ts'

export type Attributes =
  | {
      readonly type: 'Resource'
      readonly verb: Verb
      readonly group: string
      readonly resource: string
      readonly subresource?: string
      readonly namespace?: string
      readonly name?: string
    }
  | { readonly type: 'Path'; readonly path: string; readonly method: string }
  /** An address that exists, with a method that it does not take. */
  | { readonly type: 'NoMethod'; readonly path: string; readonly allowed: readonly string[]; readonly why?: string }

/** `User` = with any credential; `Token` = with the admin's own, so that a session cannot prolong itself. */
type Access = 'Public' | 'User' | 'Token'

export const PATHS: Readonly<Record<string, { readonly method: 'GET' | 'POST' | 'DELETE'; readonly access: Access }>> =
  {
    '/livez': { method: 'GET', access: 'Public' },
    '/readyz': { method: 'GET', access: 'Public' },
    '/healthz': { method: 'GET', access: 'Public' },
    '/version': { method: 'GET', access: 'Public' },
    '/orc': { method: 'GET', access: 'User' },
    '/auth/codes': { method: 'POST', access: 'Token' },
    '/auth/sessions': { method: 'POST', access: 'Public' },
    '/auth/sessions/self': { method: 'DELETE', access: 'User' },
  }

/** Undefined = allowed. Somebody unknown learns from a refusal only that he is unknown. */
export function authorize(user: User | undefined, attributes: Attributes): Failure | undefined {
  if (attributes.type === 'Path' && accessTo(attributes) === 'Public') return undefined
  if (user === undefined) return unauthorized()
  if (attributes.type === 'NoMethod') return methodNotAllowed(attributes.allowed, attributes.why)
  if (attributes.type === 'Path') return authorizePath(user, attributes)
  const resource = RESOURCE_TABLE.find(
    ({ name }) => name.plural === attributes.resource && name.group === attributes.group,
  )
  const verbs = resource === undefined ? [] : verbsOf(resource, attributes.subresource)
  return verbs.includes(attributes.verb) ? undefined : forbidden(sentence(user, attributes))
}

function authorizePath(user: User, attributes: Extract<Attributes, { type: 'Path' }>): Failure | undefined {
  const access = accessTo(attributes)
  if (access === undefined) return unknownPath()
  if (access === 'User' || user.credential === 'Token') return undefined
  return forbidden(`${attributes.path} takes the admin's token only`)
}

function accessTo({ path, method }: Extract<Attributes, { type: 'Path' }>): Access | undefined {
  const known = Object.hasOwn(PATHS, path) ? PATHS[path] : undefined
  return known?.method === method ? known.access : undefined
}

function verbsOf(resource: Resource, subresource: string | undefined): readonly Verb[] {
  if (subresource === undefined) return resource.verbs
  return resource.subresources?.find(({ name }) => name === subresource)?.verbs ?? []
}

function sentence(user: User, attributes: Extract<Attributes, { type: 'Resource' }>): string {
  const { verb, group, resource, subresource, namespace } = attributes
  const what = subresource === undefined ? resource : `${resource}/${subresource}`
  const where = namespace === undefined ? '' : ` in the namespace "${namespace}"`
  return `User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}"${where}`
}
