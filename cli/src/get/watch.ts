/** Shows what `get` was asked for, and then every change, until Ctrl-C. */
import { keyOfObject, type KubeObject } from '@orc/schemas'
import { reflect, type Collection } from '@orc/sdk/client'
import { explain } from '../failure.ts'
import { INTERRUPTED, type OrcContext } from '../orc-context.ts'
import { write } from '../output.ts'
import { ObjectTable } from '../printers/object-table.ts'
import type { Selection } from '../selection.ts'
import { fetchSelection } from './fetch.ts'
import { chosen, tableOptions, type ShowRequest } from './show.ts'

type Show = (items: readonly KubeObject[]) => Promise<void>

/** A connection that breaks is made again; one that cannot be made at first is an error. */
export async function showChanges(request: ShowRequest, context: OrcContext): Promise<number> {
  const { client, selections, scope } = request
  const [selection] = selections
  if (selection === undefined) return 0
  const signal = context.interruption()
  const show = chooseShow(request, selection, context)
  const first = await fetchSelection(client, selection, scope)
  if (first.errors[0] !== undefined) throw first.errors[0]
  await show(chosen(first.items, request))
  const changes = new Changes(first.items)
  let writing = Promise.resolve()
  const onChange = (collection: Collection<KubeObject>): void => {
    const news = chosen(changes.next(collection, new Date(context.nowMs()).toISOString()), request).filter(
      isNamedIn(selection),
    )
    if (news.length > 0) writing = writing.then(() => show(news))
  }
  const onDisconnect = (error: unknown, retryInMs: number): void => {
    context.stderr.write(`${explain(error).text}; trying again in ${String(retryInMs)} ms\n`)
  }
  await reflect<KubeObject>(client, selection.resource, { ...scope, onChange, onDisconnect }, signal)
  await writing
  return INTERRUPTED
}

function isNamedIn({ names }: Selection) {
  return ({ metadata }: KubeObject): boolean => names.length === 0 || names.includes(metadata.name)
}

/** What is new in a collection since it was seen last. An object that went comes a last time, marked as deleted. */
class Changes {
  #known: ReadonlyMap<string, KubeObject>

  constructor(items: readonly KubeObject[]) {
    this.#known = new Map(items.map((item) => [keyOfObject(item), item]))
  }

  next({ items }: Collection<KubeObject>, now: string): KubeObject[] {
    const known = this.#known
    this.#known = items
    const changed = [...items].filter(
      ([key, { metadata }]) => known.get(key)?.metadata.resourceVersion !== metadata.resourceVersion,
    )
    const gone = [...known].filter(([key]) => !items.has(key))
    return [
      ...changed.map(([, item]) => item),
      ...gone.map(([, item]) => ({ ...item, metadata: { ...item.metadata, deletionTimestamp: now } })),
    ]
  }
}

function chooseShow(request: ShowRequest, { resource }: Selection, context: OrcContext): Show {
  const { output } = request
  if (output.type === 'Document') return (items) => write(context.stdout, output.formatNext(items))
  const table = new ObjectTable()
  return async (items) => {
    const options = await tableOptions(request, context)
    await write(context.stdout, table.format(items, { ...options, resource, withKind: false }))
  }
}
