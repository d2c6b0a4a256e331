/** Changes labels or annotations of objects, one after the other, and says of each what became of it. */
import type { KubeObject, ResourceName } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { explain, Failure } from '../failure.ts'
import type { Fetched } from '../get/fetch.ts'
import type { OrcContext } from '../orc-context.ts'
import { plain, plainLine } from '../printers/plain.ts'
import { referenceOf } from '../selection.ts'
import { firstOverwritten, isChanged, missingKeys, type Changes, type MetadataField } from './changes.ts'

export interface MetadataRequest {
  readonly client: OrcClient
  readonly field: MetadataField
  readonly changes: Changes
  readonly overwrite: boolean
  readonly context: Pick<OrcContext, 'stdout' | 'stderr'>
}

/** How many could not be changed. */
export async function applyChanges(request: MetadataRequest, fetched: readonly Fetched[]): Promise<number> {
  const { stderr } = request.context
  let failures = 0
  for (const { resource, items } of fetched)
    for (const item of items)
      try {
        await changeOne(request, resource, item)
      } catch (error) {
        failures += 1
        stderr.write(`error: ${referenceOf(resource, item.metadata.name)}: ${explain(error).text}\n`)
      }
  return failures
}

async function changeOne(request: MetadataRequest, resource: ResourceName, item: KubeObject): Promise<void> {
  const { client, field, changes, overwrite, context } = request
  const { name, namespace = '' } = item.metadata
  const present = item.metadata[field] ?? {}
  const overwritten = overwrite ? undefined : firstOverwritten(present, changes)
  if (overwritten !== undefined)
    throw new Failure(`'${overwritten}' already has a value (${present[overwritten] ?? ''}), and --overwrite is false`)
  for (const key of missingKeys(present, changes))
    context.stdout.write(`${field.slice(0, -1)} ${JSON.stringify(key)} not found.\n`)
  const hasNews = isChanged(present, changes)
  const { warnings } = hasNews
    ? await client.patch(resource, name, namespace, { metadata: { [field]: changes } })
    : { warnings: [] }
  context.stdout.write(`${referenceOf(resource, name)} ${verdict(field, changes, hasNews)}\n`)
  for (const warning of warnings) context.stderr.write(`Warning: ${plain(warning)}\n`)
}

/** In kubectl's words. */
function verdict(field: MetadataField, changes: Changes, hasNews: boolean): string {
  if (field === 'annotations') return hasNews ? 'annotated' : 'annotated (no change)'
  if (!hasNews) return 'not labeled'
  return Object.values(changes).every((value) => value === null) ? 'unlabeled' : 'labeled'
}

/** What objects have, a line each; with their names where there are several. */
export function listMetadata(field: MetadataField, fetched: readonly Fetched[]): string {
  const all = fetched.flatMap(({ resource, items }) => items.map((item) => ({ resource, item })))
  return all
    .map(({ resource, item }) => {
      const lines = Object.entries(item.metadata[field] ?? {}).map(([key, value]) => `${key}=${value}`)
      const head = all.length > 1 ? [`Listing ${field} for ${referenceOf(resource, item.metadata.name)}:`] : []
      const indent = all.length > 1 ? ' ' : ''
      return [...head, ...lines.map((line) => indent + line)].map((line) => `${plainLine(line)}\n`).join('')
    })
    .join('')
}
