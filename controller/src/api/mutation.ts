/** The one place where the API changes something: every write of every verb goes through here. */
import type { ObjectWriter, WriteResult } from '../ports/object-writer.ts'
import type { ApiContext } from './call.ts'
import { badRequest, type Failure } from './errors.ts'
import { shown } from './parameters.ts'
import type { Mutation } from './trail.ts'

export type { Mutation } from './trail.ts'

export function mutate(
  context: ApiContext,
  mutation: Mutation,
  write: (writer: ObjectWriter) => Promise<WriteResult>,
): Promise<WriteResult> {
  const { resource } = mutation
  const writer = resource.writer?.(context)
  if (writer === undefined) throw new Error(`${resource.name.plural} have verbs that write and no writer`)
  return context.trail.follow(mutation, writer, write)
}

/** `All` is the only stage up to which a write can be tried. */
export function readDryRun(values: readonly unknown[]): boolean | Failure {
  const other = values.find((value) => value !== 'All')
  if (other === undefined) return values.length > 0
  return badRequest(`dryRun must be All; got ${shown(JSON.stringify(other) ?? 'nothing')}`)
}
