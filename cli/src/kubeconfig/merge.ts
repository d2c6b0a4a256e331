/** Adds a context to a kubeconfig; every other byte that means something, comments among them, stays. Pure. */
import { isMap, isSeq, parseDocument, type Document, type YAMLSeq } from 'yaml'
import { Failure } from '../failure.ts'

export interface Entry {
  readonly name: string
  readonly cluster: Readonly<Record<string, unknown>>
  readonly user: Readonly<Record<string, unknown>>
  readonly namespace: string
}

export interface MergeOptions {
  /** What the text is called in messages. */
  readonly file: string
  /** Also when the name stands for another server. */
  readonly overwrite: boolean
}

export function mergeKubeconfig(text: string, entry: Entry, options: MergeOptions): string {
  const document = readDocument(text, options.file)
  refuseOther(document, entry, options)
  const { name, cluster, user, namespace } = entry
  for (const [key, value] of HEAD) if (!document.has(key)) document.set(key, value)
  put(document, 'clusters', { name, cluster })
  put(document, 'users', { name: userName(name), user })
  put(document, 'contexts', { name, context: { cluster: name, user: userName(name), namespace } })
  if (!document.get('current-context')) document.set('current-context', name)
  return document.toString({ lineWidth: 0 })
}

const HEAD = [
  ['apiVersion', 'v1'],
  ['kind', 'Config'],
] as const

function readDocument(text: string, file: string): Document {
  const document: Document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined) throw new Failure(`${file} is not a kubeconfig: ${error.message.split('\n')[0] ?? ''}`)
  document.contents ??= document.createNode({})
  if (!isMap(document.contents)) throw new Failure(`${file} is not a kubeconfig`)
  return document
}

/** The name may stand for another controller, or for another cluster altogether. */
function refuseOther(document: Document, { name, cluster }: Entry, { file, overwrite }: MergeOptions): void {
  const { clusters } = document.toJS() as Kubeconfig
  const present = clusters?.find((each) => each.name === name)?.cluster?.server
  if (overwrite || present === undefined || present === cluster['server']) return
  throw new Failure(
    `${name} in ${file} is for ${present}, not for ${String(cluster['server'])}; ` +
      'give --name NAME to have both, or --overwrite',
  )
}

interface Kubeconfig {
  readonly clusters?: readonly { readonly name?: string; readonly cluster?: { readonly server?: string } }[] | null
}

function userName(name: string): string {
  return `${name}-admin`
}

/** In the place of the item of the same name, or at the end. */
function put(document: Document, list: string, item: Readonly<Record<string, unknown>>): void {
  if (!isSeq(document.get(list))) document.set(list, document.createNode([]))
  const items = document.get(list) as YAMLSeq
  // Written as `[]` it would go on as one line.
  items.flow = false
  const at = items.items.findIndex((each) => isMap(each) && each.get('name') === item['name'])
  const node = document.createNode(item)
  if (at === -1) items.items.push(node)
  else items.items[at] = node
}
