/** The one place where the API changes something: every write of every verb goes through here. */
import type { Key } from '@orc/schemas'
import type { ObjectWriter, WriteResult } from '../ports/object-writer.ts'
import type { Resource, Verb } from '../resources/resource.ts'
import type { ApiContext, Call } from './call.ts'
import { badRequest, type Failure } from './errors.ts'
import { shown } from './parameters.ts'

export interface Mutation {
  readonly verb: Verb
  readonly resource: Resource
  readonly subresource?: string | undefined
  /** The name in it is '' where the client gave none. */
  readonly key: Key
  readonly user: Call['user']
  /** Then nothing changes. */
  readonly dryRun: boolean
}

export function mutate(
  context: ApiContext,
  { resource }: Mutation,
  write: (writer: ObjectWriter) => Promise<WriteResult>,
): Promise<WriteResult> {
  const writer = resource.writer?.(context)
  if (writer === undefined) throw new Error(`${resource.name.plural} have verbs that write and no writer`)
  return write(writer)
}

/** `All` is the only stage up to which a write can be tried. */
export function readDryRun(values: readonly unknown[]): boolean | Failure {
  const other = values.find((value) => value !== 'All')
  if (other === undefined) return values.length > 0
  return badRequest(`dryRun must be All; got ${shown(JSON.stringify(other) ?? 'nothing')}`)
}
