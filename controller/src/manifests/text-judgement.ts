/** What a text would declare in the place of the one that a file has now: what is wrong with it, and what would change. */
import { isDeepStrictEqual } from 'node:util'
import {
  cycleSentence,
  dependencyKeys,
  findDependencyCycle,
  isAgentService,
  keyOfObject,
  splitKey,
  type AgentService,
  type Declared,
  type DecodedDocument,
  type Key,
  type Located,
  type ObjectChange,
} from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import { keyOfDocument, type FileEntry } from './directory-index.ts'
import type { ManifestStore } from './manifest-store.ts'
import { hashOf } from './source-file.ts'

export interface Judgement {
  /** Whatever would keep orc from taking over all that the text declares. Empty = the text may be written. */
  readonly errors: readonly Located[]
  readonly changes: readonly ObjectChange[]
  readonly entry: FileEntry
}

/** Of the file as it was loaded last; under the mutex of the store. */
export async function judgeText(store: ManifestStore, cache: Cache, file: string, text: string): Promise<Judgement> {
  const decoded = await store.root.decode(text)
  const entry = { path: file, hash: hashOf(text), ...decoded }
  const wrong = [...decoded.errors, ...decoded.documents.flatMap(({ errors }) => errors)]
  const limit = store.limitProblem(file, text)
  if (limit !== undefined) wrong.push({ line: 1, column: 1, message: limit })
  const errors = wrong.length > 0 ? wrong : crossErrors(store, cache, entry)
  return { errors, changes: changesOf(store, entry), entry }
}

/** What no document can be blamed for alone. */
function crossErrors(store: ManifestStore, cache: Cache, { path: file, documents }: FileEntry): Located[] {
  const own = new Map<Key, DecodedDocument & { readonly object: Declared }>()
  const errors: Located[] = []
  const blame = ({ line }: DecodedDocument, message: string): void => {
    errors.push({ line, column: 1, message })
  }
  for (const document of documents) {
    const { object } = document
    if (object === undefined) continue
    const key = keyOfObject(object)
    const first = own.get(key)
    const message = first === undefined ? elsewhere(store, cache, key, file) : `line ${String(first.line)}`
    if (message !== undefined) blame(document, `DuplicateName: this object is declared in ${message} already`)
    own.set(key, first ?? { ...document, object })
  }
  const before = new Set((store.index.get(file)?.documents ?? []).map(keyOfDocument))
  const dependenciesOf = (key: Key): readonly Key[] => {
    const object = own.get(key)?.object ?? (before.has(key) ? undefined : cache.get<AgentService>(key))
    return object !== undefined && isAgentService(object) ? dependencyKeys(object) : []
  }
  for (const [key, document] of own) {
    const cycle = findDependencyCycle(key, dependenciesOf)
    if (cycle !== undefined) blame(document, `spec.dependsOn: ${cycleSentence(cycle)}`)
  }
  return errors
}

/** Where an object is declared that this file may therefore not declare. */
function elsewhere(store: ManifestStore, cache: Cache, key: Key, file: string): string | undefined {
  const [first] = store.claims(key)
  if (first !== undefined) return first.path === file ? undefined : `${first.path}:${String(first.document.line)}`
  const isKept = splitKey(key).kind === 'Secret' && !store.has(key) && cache.get(key) !== undefined
  return isKept ? 'the state directory (it was created through the API)' : undefined
}

function changesOf(store: ManifestStore, { path: file, documents }: FileEntry): ObjectChange[] {
  const before = byKey(store.index.get(file)?.documents ?? [])
  const after = byKey(documents)
  const changes: ObjectChange[] = []
  for (const [key, document] of after) {
    const known = before.get(key)
    if (known === undefined) changes.push({ type: store.has(key) ? 'Changed' : 'Added', ...splitKey(key) })
    else if (!isDeepStrictEqual(saysOf(known), saysOf(document))) changes.push({ type: 'Changed', ...splitKey(key) })
  }
  for (const key of before.keys())
    if (!after.has(key) && store.claims(key).every((claim) => claim.path === file))
      changes.push({ type: 'Removed', ...splitKey(key) })
  return changes
}

function byKey(documents: readonly DecodedDocument[]): Map<Key, DecodedDocument> {
  const found = new Map<Key, DecodedDocument>()
  for (const document of documents) {
    const key = keyOfDocument(document)
    // The first of several counts.
    if (key !== undefined && !found.has(key)) found.set(key, document)
  }
  return found
}

function saysOf({ object, raw }: DecodedDocument): unknown {
  return object ?? raw
}
