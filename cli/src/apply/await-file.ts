/** Waits for a watched file instead of sending it, and says what came of it. */
import { findCondition, RESOURCES, type AgentService, type KubeObject, type Manifest } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { explain, Failure } from '../failure.ts'
import type { OrcContext } from '../orc-context.ts'
import { plain } from '../printers/plain.ts'
import { referenceTo } from '../selection.ts'
import type { Source } from './source.ts'
import { whenJudged, whenThere } from './watched.ts'

export interface AwaitOptions {
  readonly context: Pick<OrcContext, 'stdout' | 'stderr'>
  readonly timeoutMs: number
  readonly namespace: string | undefined
}

/** 1 when the controller could not load the file, else 0. */
export async function awaitFile(
  client: OrcClient,
  { source, relative }: { readonly source: Source; readonly relative: string },
  { context, timeoutMs, namespace }: AwaitOptions,
): Promise<number> {
  try {
    const { status } = await whenJudged(client, relative, { file: source.file ?? '', timeoutMs })
    if (namespace !== undefined) refuseOtherNamespace(status, source.name, namespace)
    for (const error of status.errors) context.stderr.write(`error: ${plain(error)}\n`)
    if (status.state !== 'Loaded') return 1
    for (const object of await whenThere(client, status.objects, timeoutMs)) {
      context.stdout.write(`${referenceTo(object.kind, object.metadata.name)} loaded (${source.name} is watched)\n`)
      const warning = notInForce(object)
      if (warning !== undefined) context.stderr.write(`Warning: ${object.metadata.name}: ${plain(warning)}\n`)
    }
    return 0
  } catch (error) {
    context.stderr.write(`error: ${explain(error).text}\n`)
    return 1
  }
}

function refuseOtherNamespace({ objects }: Manifest['status'], file: string, namespace: string): void {
  const elsewhere = objects.find((object) => object.namespace !== namespace)
  if (elsewhere === undefined) return
  throw new Failure(
    `${file} is watched, where -n has no effect: ${elsewhere.name} is in namespace ${elsewhere.namespace}; ` +
      'write metadata.namespace into the file',
  )
}

/** A file may be fine and its spec still wait for something before it counts. */
function notInForce(object: KubeObject): string | undefined {
  if (object.kind !== RESOURCES.agentservices.kind) return undefined
  const accepted = findCondition((object as AgentService).status?.conditions, 'Accepted')
  return accepted?.status === 'False' ? accepted.message : undefined
}
