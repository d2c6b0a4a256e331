/** What the API must know of a kind to serve it. One object of this shape is all that a new resource takes. */
import type { KubeObject, ResourceName } from '@orc/schemas'
import type { Failure } from '../api/errors.ts'
import type { Cache } from '../cache/cache.ts'
import type { ManifestFiles } from '../ports/manifest-files.ts'
import type { ObjectWriter, UpdateDecision } from '../ports/object-writer.ts'
import type { PodLogs } from '../ports/pod-logs.ts'
import type { RevisionHistory } from '../ports/revision-history.ts'
import type { Samples } from '../ports/samples.ts'
import type { ServiceHistory } from '../ports/service-history.ts'

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** Where objects of the kind live; see docs/architecture.md, section 3. */
export type Storage = 'Manifest' | 'State' | 'Memory' | 'Projected'

/** The rooms behind the API, as interfaces. */
export interface Rooms {
  readonly cache: Cache
  readonly writers: Readonly<Record<'manifests' | 'secrets' | 'namespaces' | 'pods', ObjectWriter>> & {
    readonly files: ManifestFiles
  }
  readonly podLogs: PodLogs
  readonly samples: Samples
  readonly revisions: RevisionHistory
  readonly history: ServiceHistory
}

export interface Resource<T extends KubeObject = KubeObject> {
  readonly name: ResourceName
  /** What is not listed here is refused. `watch` needs a kind that is kept in the cache. */
  readonly verbs: readonly Verb[]
  readonly storage: Storage
  /** Of the table that `kubectl get` prints; the first one is the name. */
  readonly columns: readonly Column<T>[]
  /** What field selectors may name beside `metadata.name` and `metadata.namespace`. */
  readonly fields?: readonly Field<T>[]
  /** Where objects come from; absent = from the cache, by kind. */
  source?(rooms: Rooms): ObjectSource
  /** What a read of one object shows beyond what lists and watches do: that which is too large for them. */
  complete?(rooms: Rooms, object: T): Promise<T>
  /** In place of `source`, for what takes parameters of its own or has to be waited for. */
  list?(request: ListRequest): Promise<readonly KubeObject[] | Failure>
  /** Needed for every verb that changes something. */
  writer?(rooms: Rooms): ObjectWriter
  readonly subresources?: readonly Subresource<T>[]
}

export interface ListRequest {
  /** All namespaces when absent. */
  readonly namespace: string | undefined
  readonly query: URLSearchParams
  readonly rooms: Rooms
  readonly wallMs: number
}

export interface ObjectSource {
  /** Sorted by namespace and name; all namespaces when absent. The objects must not be changed. */
  list(namespace?: string): readonly KubeObject[]
  get(namespace: string, name: string): KubeObject | undefined
}

export type Cell = string | number | boolean | null

export interface Column<T extends KubeObject = KubeObject> {
  readonly name: string
  readonly type: 'string' | 'integer'
  readonly format?: 'name' | 'int32'
  readonly description: string
  /** 0 (default) = always shown, 1 = in wide output. */
  readonly priority?: 0 | 1
  /** `wallMs` is now, for ages. Never throws, whatever an older orc stored. */
  cell(object: T, wallMs: number): Cell
}

/** What a field selector may name. */
export interface Field<T extends KubeObject = KubeObject> {
  readonly path: string
  value(object: T): string
}

export type Subresource<T extends KubeObject = KubeObject> =
  WholeSubresource | ViewSubresource<T> | QuerySubresource<T> | StreamSubresource<T>

/** The object as it is, by another address. */
export interface WholeSubresource {
  readonly type: 'Whole'
  readonly name: string
  readonly verbs: readonly Extract<Verb, 'get'>[]
  /** Told to whoever wants to write it. */
  readonly refusal: string
}

/** Another form of the same object, for example its scale. */
export interface ViewSubresource<T extends KubeObject = KubeObject> {
  readonly type: 'View'
  readonly name: string
  readonly verbs: readonly Extract<Verb, 'get' | 'update' | 'patch'>[]
  readonly apiVersion: string
  readonly kind: string
  show(object: T): KubeObject
  /** The object as it is to be when its view is to be `view`, which is what the client sent, unvalidated. Pure. */
  change(current: T, view: unknown): UpdateDecision
}

/** What is known of an object beside itself; found out when somebody asks. */
export interface QuerySubresource<T extends KubeObject = KubeObject> {
  readonly type: 'Query'
  readonly name: string
  readonly verbs: readonly Extract<Verb, 'get'>[]
  answer(request: QueryRequest<T>): Promise<KubeObject | Failure>
}

export interface QueryRequest<T extends KubeObject = KubeObject> {
  readonly object: T
  readonly query: URLSearchParams
  readonly rooms: Rooms
  readonly wallMs: number
}

/** Bytes that belong to an object. */
export interface StreamSubresource<T extends KubeObject = KubeObject> {
  readonly type: 'Stream'
  readonly name: string
  readonly verbs: readonly Extract<Verb, 'get'>[]
  readonly contentType: string
  /** The stream ends soon after `signal` is aborted. */
  open(request: StreamRequest<T>): Promise<AsyncIterable<Uint8Array> | Failure>
}

export interface StreamRequest<T extends KubeObject = KubeObject> {
  readonly object: T
  readonly query: URLSearchParams
  readonly rooms: Rooms
  readonly signal: AbortSignal
}
