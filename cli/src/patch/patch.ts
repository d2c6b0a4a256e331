/** Sends one merge patch to each of some objects, and says of each what became of it. */
import { isDeepStrictEqual } from 'node:util'
import { withoutServerFields, type KubeObject, type ResourceName } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { explain } from '../failure.ts'
import type { OrcContext } from '../orc-context.ts'
import { plain } from '../printers/plain.ts'
import { referenceOf, type Selection } from '../selection.ts'

type PatchContext = Pick<OrcContext, 'stdout' | 'stderr'>

export interface PatchRequest {
  readonly client: OrcClient
  readonly selections: readonly Selection[]
  readonly namespace: string
  readonly patch: unknown
}

export async function patchObjects(request: PatchRequest, context: PatchContext): Promise<number> {
  let failures = 0
  for (const { resource, names } of request.selections)
    for (const name of names)
      try {
        await patchOne(request, { resource, name }, context)
      } catch (error) {
        failures += 1
        context.stderr.write(`error: ${explain(error).text}\n`)
      }
  return failures > 0 ? 1 : 0
}

async function patchOne(
  { client, namespace, patch }: PatchRequest,
  { resource, name }: { readonly resource: ResourceName; readonly name: string },
  { stdout, stderr }: PatchContext,
): Promise<void> {
  const before = await client.get<KubeObject>(resource, name, namespace)
  const { object, warnings } = await client.patch<KubeObject>(resource, name, namespace, patch)
  const isSame = isDeepStrictEqual(declared(before), declared(object))
  stdout.write(`${referenceOf(resource, name)} patched${isSame ? ' (no change)' : ''}\n`)
  for (const warning of warnings) stderr.write(`Warning: ${plain(warning)}\n`)
}

/** The status goes on by itself. */
function declared(object: KubeObject): unknown {
  return withoutServerFields(object as unknown as Record<string, unknown>)
}
