/** Where the entries of YAML maps and lists stand in the text, down to colon, dash and tag. */
import { isCollection, isMap, isScalar, Scalar, type CST, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'

export type Collection = YAMLMap | YAMLSeq

/** A field of a map or an item of a list. Offsets are those of the text that was parsed. */
export interface Entry {
  /** Undefined for the items of a list. */
  readonly key: string | undefined
  /** Of the key or the dash. */
  readonly start: number
  /** Right behind the colon or the dash; where there is none, behind the key or before the item. */
  readonly from: number
  readonly hasColon: boolean
  /** Undefined where nothing is written. */
  readonly value: Node | undefined
  /** Of the value with its tag. */
  readonly valueStart: number
  /** `from` where there is no tag. */
  readonly tagEnd: number
  /** Behind what is written, before the spaces, the comment and the line ending that follow. */
  readonly end: number
}

export function entriesOf(collection: Collection): Entry[] {
  if (isMap(collection)) return collection.items.map((pair) => fieldEntry(pair as Pair<Node, Node | null>))
  const tokens = tokensOf(collection).filter(holdsItem)
  return collection.items.map((item, at) => itemEntry(item as Node, tokens[at]?.start ?? []))
}

/** A map or a list that is written with lines and indentation, not with brackets. */
export function isBlock(node: unknown): node is Collection {
  return isCollection(node) && node.flow !== true
}

export function isBlockText(node: unknown): node is Scalar & { readonly range: [number, number, number] } {
  return isScalar(node) && (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED)
}

function tokensOf({ srcToken }: YAMLSeq): readonly CST.CollectionItem[] {
  return srcToken !== undefined && 'items' in srcToken ? srcToken.items : []
}

/** A comma or a comment at the end leaves a token without an item. */
function holdsItem({ start, key, sep, value }: CST.CollectionItem): boolean {
  const written = value !== undefined || key !== undefined || sep !== undefined
  return written || start.some(({ type }) => type === 'seq-item-ind' || type === 'tag')
}

function fieldEntry({ key, value, srcToken }: Pair<Node, Node | null>): Entry {
  const { start: lead, sep = [] } = srcToken ?? { start: [] }
  const before = lead.find(({ type }) => type === 'explicit-key-ind' || type === 'tag')
  const [keyStart, keyEnd] = key.range ?? [0, 0]
  const colon = sep.find(({ type }) => type === 'map-value-ind')
  const from = colon === undefined ? keyEnd : colon.offset + 1
  const parts = valueParts(value ?? undefined, sep, from)
  return { key: nameOf(key), start: before?.offset ?? keyStart, from, hasColon: colon !== undefined, ...parts }
}

/** Of what YAML can say as a plain key (text, a number, a boolean, null), each has a text of its own. */
function nameOf(key: Node): string {
  return isScalar<string | number | boolean | null>(key) && key.value !== null ? String(key.value) : ''
}

function itemEntry(item: Node, tokens: readonly CST.SourceToken[]): Entry {
  const dash = tokens.find(({ type }) => type === 'seq-item-ind')
  const from = dash === undefined ? (item.range?.[0] ?? 0) : dash.offset + 1
  const parts = valueParts(item, tokens, from)
  if (dash !== undefined) return { key: undefined, start: dash.offset, from, hasColon: false, ...parts }
  return { key: undefined, start: parts.valueStart, from: parts.valueStart, hasColon: false, ...parts }
}

function valueParts(
  node: Node | undefined,
  tokens: readonly CST.SourceToken[],
  from: number,
): Pick<Entry, 'value' | 'valueStart' | 'tagEnd' | 'end'> {
  const tag = tokens.findLast(({ type }) => type === 'tag')
  const tagEnd = tag === undefined ? from : tag.offset + tag.source.length
  const [start, end] = node?.range ?? [from, from]
  if (node === undefined || start === end)
    return { value: undefined, valueStart: tag?.offset ?? from, tagEnd, end: tagEnd }
  return { value: node, valueStart: tag?.offset ?? start, tagEnd, end: endOf(node) }
}

function endOf(node: Node): number {
  const end = node.range?.[1] ?? 0
  if (isBlock(node)) return lastEntry(node)?.end ?? end
  if (!isBlockText(node) || node.srcToken?.type !== 'block-scalar') return end
  // The line ending behind a block scalar is that of its last line, not part of what one may replace.
  const { source, props } = node.srcToken
  return end - lineEndingOf(source === '' ? lastSource(props) : source).length
}

function lineEndingOf(source: string): string {
  return /\r?\n$/.exec(source)?.[0] ?? ''
}

function lastSource(tokens: readonly CST.Token[]): string {
  const last = tokens.at(-1)
  return last !== undefined && 'source' in last ? last.source : ''
}

function lastEntry(collection: Collection): Entry | undefined {
  if (isMap(collection)) {
    const pair = collection.items.at(-1)
    return pair === undefined ? undefined : fieldEntry(pair as Pair<Node, Node | null>)
  }
  const item = collection.items.at(-1)
  return item === undefined ? undefined : itemEntry(item as Node, tokensOf(collection).findLast(holdsItem)?.start ?? [])
}
