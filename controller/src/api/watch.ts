/** Tells a client every change after a version, over HTTP (a line each) or a WebSocket (a frame each), or that it cannot. */
import type { KubeObject } from '@orc/schemas'
import { Gone } from '../cache/watch-event.ts'
import type { Watch } from '../cache/watch.ts'
import type { Resource } from '../resources/resource.ts'
import { sourceOf } from '../resources/source.ts'
import type { Answer, ApiContext, Call } from './call.ts'
import { expired, Failure, invalid } from './errors.ts'
import { negotiate, readIncludeObject } from './negotiate.ts'
import { readBoolean, readCount } from './parameters.ts'
import { versionProblem } from './read.ts'
import { readSelection } from './selectors.ts'
import { httpSink, type Sink } from './sink.ts'
import { WatchFrames, type FrameOptions } from './watch-frames.ts'

const BOOKMARK_MS = 60_000
/** How long a client may take for the 256 KiB that wait for it. */
const PATIENCE_MS = 10_000
/** Ends differ, so that clients do not come back all at once. */
const DEFAULT_LIFE_MS = { least: 30 * 60_000, spread: 30 * 60_000 }

interface WatchRequest extends FrameOptions {
  readonly namespace: string | undefined
  /** Absent: the present state first. */
  readonly afterResourceVersion: string | undefined
  readonly hasBookmarks: boolean
  readonly lifeMs: number
}

export async function watchObjects(context: ApiContext, resource: Resource, call: Call): Promise<Answer> {
  const wanted = readWatch(context, resource, call)
  if (wanted instanceof Failure) return wanted
  const sink = await openSink(context, call)
  if (sink === undefined) return 'Streamed'
  if (sink instanceof Failure) return sink
  try {
    await tell(context, wanted, sink, context.lifetimes.begin(sink, { user: call.user, limitMs: wanted.lifeMs }))
  } finally {
    sink.end()
  }
  return 'Streamed'
}

function readWatch(context: ApiContext, resource: Resource, { request, params, query }: Call): WatchRequest | Failure {
  const form = negotiate(request.headers.accept)
  if (form instanceof Failure) return form
  const includeObject = readIncludeObject(query)
  if (includeObject instanceof Failure) return includeObject
  const selection = readSelection(query, resource.fields)
  if (selection instanceof Failure) return selection
  const frames: FrameOptions = { resource, selection, form, includeObject, clock: context.clock }
  const timing = readTiming(query)
  if (timing instanceof Failure) return timing
  const problem = versionProblem(query, context.cache.snapshotVersion()) ?? refuseWatchList(query)
  if (problem !== undefined) return problem
  const version = query.get('resourceVersion') ?? ''
  const afterResourceVersion = ['', '0'].includes(version) ? undefined : version
  return {
    ...frames,
    ...timing,
    afterResourceVersion,
    namespace: resource.name.namespaced ? params.namespace : undefined,
  }
}

function readTiming(query: URLSearchParams): Pick<WatchRequest, 'hasBookmarks' | 'lifeMs'> | Failure {
  const hasBookmarks = readBoolean(query, 'allowWatchBookmarks')
  if (hasBookmarks instanceof Failure) return hasBookmarks
  const seconds = readCount(query, 'timeoutSeconds')
  if (seconds instanceof Failure) return seconds
  const { least, spread } = DEFAULT_LIFE_MS
  return { hasBookmarks, lifeMs: seconds ? seconds * 1000 : least + Math.random() * spread }
}

/** Clients that ask for a list within the watch take a refusal and list first. */
function refuseWatchList(query: URLSearchParams): Failure | undefined {
  if (!query.has('sendInitialEvents')) return undefined
  return invalid(
    'sendInitialEvents is not supported: list, then watch from the resourceVersion of the list',
    'sendInitialEvents',
  )
}

/** Undefined when there is nobody to talk to. */
async function openSink({ sockets, clock }: ApiContext, call: Call): Promise<Sink | Failure | undefined> {
  if (call.upgrade !== undefined) return sockets.accept(call.request, call.response, call.upgrade)
  call.response.writeHead(200, { 'Content-Type': 'application/json' })
  call.response.flushHeaders()
  return httpSink(call.response, clock)
}

/** Returns when there is nothing more to say. */
async function tell(context: ApiContext, wanted: WatchRequest, sink: Sink, signal: AbortSignal): Promise<void> {
  const { resource, namespace } = wanted
  const frames = new WatchFrames(wanted)
  // In one turn with the opening of the watch: nothing falls between the two.
  const present = wanted.afterResourceVersion === undefined ? sourceOf(resource, context).list(namespace) : []
  const afterResourceVersion = wanted.afterResourceVersion ?? context.cache.snapshotVersion()
  const options = { kind: resource.name.kind, afterResourceVersion, ...(namespace !== undefined && { namespace }) }
  const watch = context.hub.watch(options)
  if (watch instanceof Gone) {
    sink.write(frames.error(tooOld(watch, context)))
    return
  }
  const close = (): void => {
    watch.close()
    sink.end()
  }
  signal.addEventListener('abort', close)
  if (signal.aborted) close()
  const isKeepingUp = await tellPresent(present, frames, sink, signal)
  const stopBookmarks = wanted.hasBookmarks
    ? everyMinute(context, () => {
        sink.write(frames.bookmark(watch.resourceVersion))
      })
    : () => undefined
  const gone = isKeepingUp ? await tellChanges(watch, frames, sink) : new Gone(afterResourceVersion)
  stopBookmarks()
  if (gone !== undefined) sink.write(frames.error(tooOld(gone, context)))
}

/** False when the client is too slow. */
async function tellPresent(
  objects: readonly KubeObject[],
  frames: WatchFrames,
  sink: Sink,
  signal: AbortSignal,
): Promise<boolean> {
  for (const object of objects) {
    if (signal.aborted) return true
    const frame = frames.initial(object)
    if (frame !== undefined) sink.write(frame)
    if (sink.isFull && !(await sink.drained(PATIENCE_MS))) return false
  }
  return true
}

/**
 * While the client is slow the changes wait in the hub, as references. When they are too many, or the client does not
 * move at all, it must list again.
 */
async function tellChanges(watch: Watch, frames: WatchFrames, sink: Sink): Promise<Gone | undefined> {
  for await (const event of watch) {
    const frame = frames.change(event)
    if (frame !== undefined) sink.write(frame)
    if (sink.isFull && !(await sink.drained(PATIENCE_MS))) return new Gone(watch.resourceVersion)
  }
  return watch.gone
}

function everyMinute({ clock }: ApiContext, act: () => void): () => void {
  let cancel = (): void => undefined
  const next = (): void => {
    cancel = clock.setTimer(BOOKMARK_MS, () => {
      act()
      next()
    })
  }
  next()
  return () => {
    cancel()
  }
}

function tooOld({ resourceVersion }: Gone, { cache }: ApiContext): Failure {
  return expired(`too old resource version: ${resourceVersion} (${cache.snapshotVersion()})`)
}
