/** Explains kinds and fields from the schemas that orc itself checks manifests with: no controller is asked. */
import { schemas, type ResourceName } from '@orc/schemas'
import { Failure } from '../failure.ts'
import type { Colors } from '../printers/colors.ts'
import { findField } from './field.ts'
import { formatExplanation, formatFieldTree } from './format.ts'

export interface ExplainRequest {
  readonly resource: ResourceName
  readonly path: readonly string[]
  readonly isRecursive: boolean
  readonly colors: Colors
}

export function explainField({ resource, path, isRecursive, colors }: ExplainRequest): string {
  const root = schemas[resource.kind]
  if (root === undefined)
    throw new Failure(
      `${resource.plural} are made by orc and declared by nobody, so they have no schema; ` +
        `declared are ${Object.keys(schemas).join(', ')}`,
    )
  const found = findField(root, path)
  if ('problem' in found) throw new Failure(found.problem)
  if (!isRecursive) return formatExplanation({ resource, path, ...found }, colors)
  const { properties: _, ...schema } = found.schema
  const own = formatExplanation({ resource, path, schema, isRequired: found.isRequired }, colors)
  const head = own.split(`\n${colors.strong('FIELDS:')}`)[0] ?? own
  const tree = formatFieldTree(found.schema)
  return tree === '' ? head : `${head}\n${colors.strong('FIELDS:')}\n${tree}`
}
