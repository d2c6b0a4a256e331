/** The API as functions. Knows no transport, keeps no state. */
import {
  apiVersionOf,
  RESOURCES,
  resourcePath,
  type KubeObject,
  type Manifest,
  type ResourceName,
  type ServiceFailures,
  type ServiceOverview,
  type ServiceRuns,
  type ServiceSamples,
} from '@orc/schemas'
import { apiError } from './errors.ts'
import type { ApiRequest, ApiResponse, Transport } from './transport.ts'
import { lines } from './lines.ts'

export interface List<T> {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
  readonly items: readonly T[]
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: T
}

export interface ListOptions {
  /** All namespaces when absent. */
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export interface LogOptions {
  readonly follow?: boolean
  readonly previous?: boolean
  /** Only the last lines. */
  readonly tailLines?: number
  /** Only what was written in the last seconds. */
  readonly sinceSeconds?: number
  /** Only what was written since (RFC 3339). */
  readonly sinceTime?: string
  /** Only what was written by then (RFC 3339); not together with `follow`. */
  readonly untilTime?: string
  /** Only lines with this in them, letter by letter. */
  readonly grep?: string
  /** Only JSON lines whose `level`, `severity` or `levelname` is as grave as this, or graver. */
  readonly level?: LogLevel
  /** Each line after the time by which it had been written, and a space. */
  readonly timestamps?: boolean
  /** End after so many bytes, times included. */
  readonly limitBytes?: number
}

/** Times as RFC 3339 writes them, or lengths of time before now: `24h`, `7d`. */
export interface SpanOptions {
  /** A day before `until` when absent. */
  readonly since?: string
  /** Now when absent. */
  readonly until?: string
  /** `15m`; the answer may be coarser. */
  readonly step?: string
}

export interface WriteOptions {
  /** Judge the change and answer as if it were made, but change nothing. */
  readonly dryRun?: boolean
}

/** What the server sent back beside the object: sentences for the person who asked. */
export interface Written<T> {
  readonly object: T
  readonly warnings: readonly string[]
}

/** A write of one object, as data. */
export type Write =
  | { readonly verb: 'create' | 'replace'; readonly resource: ResourceName; readonly object: KubeObject }
  | {
      readonly verb: 'patch'
      readonly resource: ResourceName
      readonly name: string
      readonly namespace: string
      readonly patch: unknown
    }
  | { readonly verb: 'delete'; readonly resource: ResourceName; readonly name: string; readonly namespace: string }

const AS_MANIFEST = 'application/json;as=Manifest;v=v1alpha1;g=orc.dev'

export class OrcClient {
  readonly #transport: Transport
  constructor(transport: Transport) {
    this.#transport = transport
  }

  async list<T>(resource: ResourceName, options: ListOptions = {}): Promise<List<T>> {
    const path = resourcePath(resource, options.namespace) + query(selectors(options))
    return this.#read<List<T>>({ method: 'GET', path })
  }

  async get<T>(resource: ResourceName, name: string, namespace?: string): Promise<T> {
    return this.#read<T>({ method: 'GET', path: resourcePath(resource, namespace, name) })
  }

  async create<T extends KubeObject>(
    resource: ResourceName,
    object: T,
    options: WriteOptions = {},
  ): Promise<Written<T>> {
    return this.#write<T>(requestOf({ verb: 'create', resource, object }, options))
  }

  /** With `metadata.resourceVersion` set it fails with 409 when the object changed meanwhile. */
  async replace<T extends KubeObject>(
    resource: ResourceName,
    object: T,
    options: WriteOptions = {},
  ): Promise<Written<T>> {
    return this.#write<T>(requestOf({ verb: 'replace', resource, object }, options))
  }

  /** A JSON merge patch (RFC 7386). */
  async patch<T>(
    resource: ResourceName,
    name: string,
    namespace: string,
    patch: unknown,
    options: WriteOptions = {},
  ): Promise<Written<T>> {
    return this.#write<T>(requestOf({ verb: 'patch', resource, name, namespace, patch }, options))
  }

  async delete<T>(resource: ResourceName, name: string, namespace: string): Promise<T> {
    return this.#read<T>(requestOf({ verb: 'delete', resource, name, namespace }, {}))
  }

  /** The manifest file as the write would leave it, comments and all; 406 where the object is in no file. */
  async preview(write: Write): Promise<Written<Manifest>> {
    return this.#write<Manifest>({ ...requestOf(write, { dryRun: true }), accept: AS_MANIFEST })
  }

  /** A new file of the watched directory; 409 when there is one at this path. */
  async createManifest(path: string, text: string, options: WriteOptions = {}): Promise<Written<Manifest>> {
    const { manifests } = RESOURCES
    // Its name follows from its path, and the server says it.
    const body = { apiVersion: apiVersionOf(manifests), kind: manifests.kind, spec: { path, text } }
    return this.#write<Manifest>({
      method: 'POST',
      path: resourcePath(manifests) + query(writeParameters(options)),
      body,
    })
  }

  /**
   * Gives the file another text; what that declares no more is deleted. `read` is what `get` answered: 409 when the file
   * is not that one any more. 422 has a cause for each error, as `path:line:column: message`.
   */
  async replaceManifest(read: Manifest, text: string, options: WriteOptions = {}): Promise<Written<Manifest>> {
    const { apiVersion, kind, metadata, spec, status } = read
    const object: Manifest = { apiVersion, kind, metadata: { name: metadata.name }, spec: { ...spec, text }, status }
    return this.replace(RESOURCES.manifests, object, options)
  }

  /** Changes after `resourceVersion`, for as long as the server sends them. */
  async *watch<T>(
    resource: ResourceName,
    options: ListOptions & { readonly resourceVersion: string },
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    const parameters = { ...selectors(options), watch: 'true', resourceVersion: options.resourceVersion }
    const path = resourcePath(resource, options.namespace) + query(parameters)
    for await (const line of lines(this.#transport.stream(path, signal))) yield JSON.parse(line) as WatchEvent<T>
  }

  /** The log of a pod, in pieces as they come. */
  logs(namespace: string, pod: string, options: LogOptions, signal: AbortSignal): AsyncIterable<string> {
    // What is off is left out, as kubectl leaves it out.
    const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== false)
    const parameters = Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`
    return this.#transport.stream(path + query(parameters), signal)
  }

  /** How a service stood and what it used, over time. */
  serviceSamples(namespace: string, name: string, span: SpanOptions = {}): Promise<ServiceSamples> {
    return this.#ask(namespace, name, 'samples', { ...span })
  }

  /** Its runs that ended, the latest first. */
  serviceRuns(
    namespace: string,
    name: string,
    options: { readonly since?: string; readonly limit?: number } = {},
  ): Promise<ServiceRuns> {
    const { limit, ...rest } = options
    return this.#ask(namespace, name, 'runs', { ...rest, ...(limit !== undefined && { limit: String(limit) }) })
  }

  /** How it failed, those that are alike together; in the last week when nothing is said. */
  serviceFailures(namespace: string, name: string, options: Pick<SpanOptions, 'since'> = {}): Promise<ServiceFailures> {
    return this.#ask(namespace, name, 'failures', { ...options })
  }

  /** All services of a namespace, or of all, over up to 7 days. */
  serviceOverviews(namespace?: string, span: SpanOptions = {}): Promise<List<ServiceOverview>> {
    return this.#read({ method: 'GET', path: resourcePath(RESOURCES.serviceoverviews, namespace) + query({ ...span }) })
  }

  /** Any other address of the server, for example `/version`; the JSON of its answer. */
  async raw<T>(request: ApiRequest): Promise<T> {
    return this.#read<T>(request)
  }

  #ask<T>(namespace: string, name: string, subresource: string, parameters: Record<string, string>): Promise<T> {
    const path = resourcePath(RESOURCES.agentservices, namespace, name, subresource) + query(parameters)
    return this.#read<T>({ method: 'GET', path })
  }

  async #read<T>(request: ApiRequest): Promise<T> {
    return JSON.parse((await this.#send(request)).text) as T
  }

  async #write<T>(request: ApiRequest): Promise<Written<T>> {
    const response = await this.#send(request)
    return { object: JSON.parse(response.text) as T, warnings: warningsOf(response.headers['warning']) }
  }

  async #send(request: ApiRequest): Promise<ApiResponse> {
    const response = await this.#transport.send(request)
    if (response.status >= 400) throw apiError(response.status, response.text)
    return response
  }
}

function requestOf(write: Write, options: WriteOptions): ApiRequest {
  const { resource } = write
  const end = query(writeParameters(options))
  switch (write.verb) {
    case 'create': {
      const { namespace } = write.object.metadata
      return { method: 'POST', path: resourcePath(resource, namespace) + end, body: write.object }
    }
    case 'replace': {
      const { namespace, name } = write.object.metadata
      return { method: 'PUT', path: resourcePath(resource, namespace, name) + end, body: write.object }
    }
    case 'patch': {
      const path = resourcePath(resource, write.namespace, write.name) + end
      return { method: 'PATCH', path, body: write.patch, contentType: 'application/merge-patch+json' }
    }
    case 'delete':
      return { method: 'DELETE', path: resourcePath(resource, write.namespace, write.name) + end }
  }
}

/** The texts of `Warning: 299 - "text"` headers (RFC 7234, section 5.5). */
function warningsOf(header: string | undefined): string[] {
  return [...(header ?? '').matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map((match) =>
    (match[1] ?? '').replaceAll(/\\(.)/g, '$1'),
  )
}

function selectors(options: ListOptions): Record<string, string> {
  const parameters: Record<string, string> = {}
  if (options.labelSelector) parameters['labelSelector'] = options.labelSelector
  if (options.fieldSelector) parameters['fieldSelector'] = options.fieldSelector
  return parameters
}

function writeParameters({ dryRun = false }: WriteOptions): Record<string, string> {
  return dryRun ? { dryRun: 'All' } : {}
}

function query(parameters: Record<string, string>): string {
  const text = new URLSearchParams(parameters).toString()
  return text === '' ? '' : `?${text}`
}
