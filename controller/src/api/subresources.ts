/** Serves what belongs to an object: other forms of it, what is known of it, and streams of bytes. */
import type { KubeObject } from '@orc/schemas'
import type {
  QuerySubresource,
  Resource,
  StreamSubresource,
  Subresource,
  ViewSubresource,
} from '../resources/resource.ts'
import { sourceOf } from '../resources/source.ts'
import { json } from './answer.ts'
import type { Answer, ApiContext, Call, Operation } from './call.ts'
import { Failure, notFound } from './errors.ts'
import { getObject } from './read.ts'
import { httpSink, type Sink } from './sink.ts'
import { patchObject, updateObject } from './write.ts'

export function subresourceOperation(subresource: Subresource, verb: 'get' | 'update' | 'patch'): Operation {
  if (subresource.type === 'Whole') return getObject
  if (subresource.type === 'Stream') return (context, resource, call) => stream(context, resource, call, subresource)
  if (subresource.type === 'Query') return (context, resource, call) => ask(context, resource, call, subresource)
  if (verb === 'get') return (context, resource, call) => getView(context, resource, call, subresource)
  const write = verb === 'update' ? updateObject : patchObject
  return (context, resource, call) => write(context, resource, call, subresource)
}

function getView(context: ApiContext, resource: Resource, call: Call, view: ViewSubresource): Answer {
  const object = findObject(context, resource, call)
  return object instanceof Failure ? object : json(200, view.show(object))
}

async function ask(
  context: ApiContext,
  resource: Resource,
  call: Call,
  subresource: QuerySubresource,
): Promise<Answer> {
  const object = findObject(context, resource, call)
  if (object instanceof Failure) return object
  const wallMs = context.clock.wallMs()
  const answer = await subresource.answer({ object, query: call.query, rooms: context, wallMs })
  return answer instanceof Failure ? answer : json(200, answer)
}

async function stream(
  context: ApiContext,
  resource: Resource,
  call: Call,
  subresource: StreamSubresource,
): Promise<Answer> {
  const object = findObject(context, resource, call)
  if (object instanceof Failure) return object
  const { response, query, user } = call
  const sink = httpSink(response, context.clock)
  const signal = context.lifetimes.begin(sink, { user })
  const pieces = await subresource.open({ object, query, rooms: context, signal })
  if (pieces instanceof Failure) return pieces
  response.writeHead(200, { 'Content-Type': subresource.contentType })
  response.flushHeaders()
  await copy(pieces, sink, signal)
  // Not `sink.end()`: a pager takes the last part of a log when its reader comes to it.
  response.end()
  return 'Streamed'
}

/** As fast as the client reads: a slow one makes the source wait, and loses nothing. */
async function copy(pieces: AsyncIterable<Uint8Array>, sink: Sink, signal: AbortSignal): Promise<void> {
  signal.addEventListener('abort', () => {
    sink.end()
  })
  for await (const piece of pieces) {
    if (signal.aborted) return
    sink.write(piece)
    if (sink.isFull) await sink.drained()
  }
}

function findObject(context: ApiContext, resource: Resource, { params }: Call): KubeObject | Failure {
  const { namespace = '', name = '' } = params
  return sourceOf(resource, context).get(namespace, name) ?? notFound(resource.name, name)
}
