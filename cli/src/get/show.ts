/** Shows what `get` was asked for, once. */
import { RESOURCES, type KubeObject, type Pod } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { explain } from '../failure.ts'
import type { OrcContext } from '../orc-context.ts'
import { write } from '../output.ts'
import { colorsOf } from '../printers/colors.ts'
import { ObjectTable, type ObjectTableOptions } from '../printers/object-table.ts'
import type { Selection } from '../selection.ts'
import { fetchSelection, type Fetched, type Scope } from './fetch.ts'
import type { Output } from './output.ts'
import type { Sort } from './sort.ts'

export interface ShowRequest {
  readonly client: OrcClient
  readonly selections: readonly Selection[]
  readonly output: Output
  readonly scope: Scope
  readonly raw: boolean
  readonly withHead: boolean
  readonly withLabels: boolean
  /** As the server has them when absent. */
  readonly sort?: Sort | undefined
  /** Whether an object is shown; all are when absent. */
  readonly isWanted?: (object: KubeObject) => boolean
}

export async function showOnce(request: ShowRequest, context: OrcContext): Promise<number> {
  const { client, selections, scope, output } = request
  const found = await Promise.all(selections.map((selection) => fetchSelection(client, selection, scope)))
  const fetched = found.map((each) => ({ ...each, items: chosen(each.items, request) }))
  const items = fetched.flatMap((each) => each.items)
  const errors = fetched.flatMap((each) => each.errors)
  const isSingle = selections.length === 1 && selections[0]?.names.length === 1
  if (output.type === 'Table') await showTables(fetched, request, context)
  else if (items.length > 0 || errors.length === 0) await write(context.stdout, output.format(items, isSingle))
  for (const error of errors) context.stderr.write(`error: ${explain(error).text}\n`)
  return errors.length > 0 ? 1 : 0
}

/** Those that are wanted, in their order. */
export function chosen(items: readonly KubeObject[], { sort, isWanted }: ShowRequest): readonly KubeObject[] {
  const wanted = isWanted === undefined ? items : items.filter(isWanted)
  return sort?.(wanted) ?? wanted
}

async function showTables(fetched: readonly Fetched[], request: ShowRequest, context: OrcContext): Promise<void> {
  const filled = fetched.filter(({ items }) => items.length > 0)
  const tables = await Promise.all(
    filled.map(async ({ resource, items }) =>
      new ObjectTable().format(items, {
        ...(await tableOptions(request, context)),
        resource,
        withKind: fetched.length > 1,
      }),
    ),
  )
  await write(context.stdout, tables.join('\n'))
  if (fetched.every(({ items, errors }) => items.length + errors.length === 0))
    context.stderr.write(nothingFound(request.scope))
}

function nothingFound({ namespace }: Scope): string {
  return namespace === undefined ? 'No resources found.\n' : `No resources found in namespace ${namespace}.\n`
}

type CommonOptions = Omit<ObjectTableOptions, 'resource' | 'withKind'>

export async function tableOptions(request: ShowRequest, context: OrcContext): Promise<CommonOptions> {
  const { client, selections, scope, output, raw, withHead, withLabels } = request
  const wide = output.type === 'Table' && output.wide
  // Ports and process ids of a service are those of its pods.
  const needsPods = wide && selections.some(({ resource }) => resource === RESOURCES.agentservices)
  return {
    nowMs: context.nowMs(),
    wide,
    raw,
    withHead,
    withLabels,
    colors: colorsOf(context),
    pods: needsPods ? (await client.list<Pod>(RESOURCES.pods, { namespace: scope.namespace })).items : [],
    withNamespace: scope.namespace === undefined,
  }
}
