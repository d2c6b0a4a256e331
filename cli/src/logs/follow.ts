/** Follows the logs of replicas, and of those that come later. */
import { RESOURCES, type Pod } from '@orc/schemas'
import {
  ApiError,
  filtersOf,
  hasStarted,
  LogFollower,
  reflect,
  type LogOptions,
  type LogSink,
  type OrcClient,
} from '@orc/sdk/client'
import { explain } from '../failure.ts'
import type { OrcContext } from '../orc-context.ts'
import type { Paint } from '../printers/colors.ts'
import { LineWriter } from './line-writer.ts'
import type { LogTargets } from './targets.ts'

export interface FollowRequest {
  readonly client: OrcClient
  readonly namespace: string
  readonly targets: LogTargets
  readonly options: LogOptions
  readonly raw: boolean
  readonly paints: readonly [Paint, ...Paint[]]
  readonly signal: AbortSignal
}

/** Until the replicas are no more, or the signal is aborted. The errors of those that could not be read come back. */
export async function followLogs(
  request: FollowRequest,
  { stdout, stderr }: Pick<OrcContext, 'stdout' | 'stderr'>,
): Promise<readonly Error[]> {
  const { client, namespace, targets, options } = request
  const { pods, labelSelector } = targets
  const { raw, paints } = request
  const end = new AbortController()
  const signal = AbortSignal.any([request.signal, end.signal])
  const writer = new LineWriter(stdout, { raw, paints, withNames: pods.length > 1 })
  const errors: Error[] = []
  const running = new Map<string, Promise<void>>()
  let said = ''
  const onTrouble = (error: unknown): void => {
    const { text } = explain(error)
    if (text !== said) stderr.write(`${text}; trying again\n`)
    said = text
  }
  const begin = (pod: string, from: LogOptions, isPatient: boolean): void => {
    writer.add(pod)
    const sink = sinkOf(writer, pod, options.timestamps === true)
    const follower = new LogFollower({ client, namespace, pod, options: from, sink, isPatient, signal, onTrouble })
    const onError = (error: unknown): void => {
      errors.push(error as Error)
      if (errors.length === running.size) end.abort()
    }
    running.set(
      pod,
      // One that failed stays, so that it is not begun again.
      follower.run().then(() => void running.delete(pod), onError),
    )
  }
  for (const pod of pods) begin(pod, options, false)
  if (labelSelector === undefined) {
    await Promise.all(running.values())
    return errors
  }
  await reflect<Pod>(
    client,
    RESOURCES.pods,
    {
      namespace,
      labelSelector,
      onChange: ({ items }) => {
        const names = [...items.values()].filter(hasStarted).map(({ metadata }) => metadata.name)
        for (const name of names) if (!running.has(name)) begin(name, laterOptions(options), true)
        if (items.size === 0) void endIfOver(request).then((isOver) => void (isOver && end.abort()))
      },
    },
    signal,
  )
  await Promise.all(running.values())
  return errors
}

function sinkOf(writer: LineWriter, pod: string, withTimes: boolean): LogSink {
  return {
    lines: async (lines) => {
      for (const { stamp, text } of lines)
        await writer.line(pod, withTimes && stamp !== undefined ? `${stamp} ${text}` : text)
    },
    // A part of a line is known without its time.
    ...(!withTimes && { partial: (text: string) => writer.partial(text) }),
  }
}

/** Of a replica that came later everything is new. */
function laterOptions(options: LogOptions): LogOptions {
  return { ...filtersOf(options), timestamps: options.timestamps ?? false }
}

/** A service that is scaled to nothing may come again; one that is deleted will not. */
async function endIfOver({ client, namespace, targets }: FollowRequest): Promise<boolean> {
  if (targets.service === undefined) return true
  try {
    await client.get(RESOURCES.agentservices, targets.service, namespace)
    return false
  } catch (error) {
    return error instanceof ApiError && error.code === 404
  }
}
