/** Writes what an earlier revision ran into the manifest. Everything else in the file stays as it is. */
import { RESOURCES, type AgentService, type ControllerRevision } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import type { OrcContext } from '../orc-context.ts'
import { plain } from '../printers/plain.ts'
import { referenceOf } from '../selection.ts'
import { changedFields, chooseTarget, revisionsOf } from './history.ts'

type Spec = Readonly<Record<string, unknown>>

export async function undo(
  client: OrcClient,
  { service, wanted }: { readonly service: AgentService; readonly wanted: number | undefined },
  { stdout, stderr }: Pick<OrcContext, 'stdout' | 'stderr'>,
): Promise<void> {
  const { name, namespace = '' } = service.metadata
  const target = chooseTarget(service, await revisionsOf(client, service), wanted)
  const reference = referenceOf(RESOURCES.agentservices, name)
  const number = String(target.revision)
  const spec = undoPatch(service, target)
  if (Object.keys(spec).length === 0) {
    stdout.write(`${reference} skipped rollback (current template already matches revision ${number})\n`)
    return
  }
  const { warnings } = await client.patch(RESOURCES.agentservices, name, namespace, { spec })
  stdout.write(`${reference} rolled back\n`)
  const { state, message = '' } = target.orc
  const doubts = state === 'Rejected' ? [`revision ${number} was rejected before: ${message}`] : []
  for (const warning of [...warnings, ...doubts]) stderr.write(`Warning: ${plain(warning)}\n`)
}

/** A merge patch of the spec: null removes a field. */
export function undoPatch({ spec }: AgentService, { data }: ControllerRevision): Spec {
  const wanted = data.spec as Spec
  return Object.fromEntries(changedFields(spec, data.spec).map((field) => [field, wanted[field] ?? null]))
}
