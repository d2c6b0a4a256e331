/** What differs between revisions of a service, and the patch that goes back to one. Pure. */
import {
  isSameJson,
  RUN_RELEVANT_FIELDS,
  schemaAt,
  schemas,
  type AgentService,
  type ControllerRevision,
  type JsonSchema,
} from '@orc/schemas'

type Fields = Readonly<Record<string, unknown>>

/** Run-relevant fields that differ. */
export function changedFields(before: object, after: object): readonly string[] {
  return RUN_RELEVANT_FIELDS.filter((field) => !isSameJson((before as Fields)[field], (after as Fields)[field]))
}

/** A merge patch of the spec, empty when it is the same. What has its default again is removed, not written down. */
export function undoPatch({ spec }: AgentService, { data }: Pick<ControllerRevision, 'data'>): Fields {
  const schema = schemaAt(schemas['AgentService'] ?? {}, ['spec'])
  const wanted = data.spec as Fields
  const fields = changedFields(spec, data.spec)
  return Object.fromEntries(
    fields.map((field) => [
      field,
      patchOf((spec as unknown as Fields)[field], wanted[field], schema?.properties?.[field]),
    ]),
  )
}

/** Null removes; a list is written as a whole. */
function patchOf(before: unknown, after: unknown, schema: JsonSchema | undefined): unknown {
  if (after === undefined || isSameJson(after, schema?.default)) return null
  if (!isFields(before) || !isFields(after)) return after
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return Object.fromEntries(
    names
      .filter((name) => !isSameJson(before[name], after[name]))
      .map((name) => [name, patchOf(before[name], after[name], schema?.properties?.[name])]),
  )
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
