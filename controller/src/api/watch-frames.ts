/** Changes as the lines of a watch: which of them the client is to see, as what, and in which form. */
import { apiVersionOf, type KubeObject } from '@orc/schemas'
import type { WatchEvent } from '../cache/watch-event.ts'
import type { Clock } from '../clock.ts'
import type { Resource } from '../resources/resource.ts'
import type { Failure } from './errors.ts'
import { jsonText } from './json-text.ts'
import type { Form, IncludeObject } from './negotiate.ts'
import type { Selection } from './selectors.ts'
import { tableText } from './table-format.ts'

export interface FrameOptions {
  readonly resource: Resource
  readonly selection: Selection
  readonly form: Form
  readonly includeObject: IncludeObject
  readonly clock: Clock
}

/** For one client: in a table, the first line alone says the columns. */
export class WatchFrames {
  readonly #options: FrameOptions
  #hasColumns = true

  constructor(options: FrameOptions) {
    this.#options = options
  }

  /** Undefined when the change does not concern the selection. What leaves it is gone to the client, what enters is new. */
  change({ type, object, previous }: WatchEvent): Buffer | undefined {
    const { selection } = this.#options
    const is = type !== 'DELETED' && selection.matches(object)
    const was = type !== 'ADDED' && previous !== undefined && selection.matches(previous)
    if (is) return this.#frame(was ? 'MODIFIED' : 'ADDED', object)
    if (!was) return undefined
    return this.#frame('DELETED', type === 'DELETED' ? object : withVersionOf(object, previous))
  }

  /** An object that was there when the watch began. */
  initial(object: KubeObject): Buffer | undefined {
    return this.#options.selection.matches(object) ? this.#frame('ADDED', object) : undefined
  }

  /** Nothing but the version up to which the client has seen everything. */
  bookmark(resourceVersion: string): Buffer {
    const { name } = this.#options.resource
    if (this.#options.form === 'Table') return line('BOOKMARK', this.#table([], { resourceVersion }))
    const metadata = { resourceVersion, creationTimestamp: null }
    return line('BOOKMARK', JSON.stringify({ kind: name.kind, apiVersion: apiVersionOf(name), metadata }))
  }

  error({ status }: Failure): Buffer {
    return line('ERROR', JSON.stringify(status))
  }

  #frame(type: string, object: KubeObject): Buffer {
    if (this.#options.form === 'Object') return sharedLine(type, object)
    const { resourceVersion } = object.metadata
    return line(type, this.#table([object], { resourceVersion }))
  }

  #table(objects: readonly KubeObject[], metadata: Record<string, unknown>): string {
    const { resource, includeObject, clock } = this.#options
    const hasColumns = this.#hasColumns
    this.#hasColumns = false
    return tableText(resource, objects, { metadata, includeObject, wallMs: clock.wallMs(), hasColumns }).join('')
  }
}

/** As bytes: for text that waits, Node sets three times its length aside. */
function line(type: string, object: string): Buffer {
  return Buffer.from(`{"type":"${type}","object":${object}}\n`)
}

/** All watchers are told of a change one after the other: they share the bytes. */
let latest: { readonly type: string; readonly object: KubeObject; readonly bytes: Buffer } | undefined

function sharedLine(type: string, object: KubeObject): Buffer {
  if (latest?.object !== object || latest.type !== type) latest = { type, object, bytes: line(type, jsonText(object)) }
  return latest.bytes
}

/** The object as it was while it matched, at the version at which it ceased to. */
function withVersionOf({ metadata: { resourceVersion } }: KubeObject, previous: KubeObject): KubeObject {
  return { ...previous, metadata: { ...previous.metadata, ...(resourceVersion !== undefined && { resourceVersion }) } }
}
