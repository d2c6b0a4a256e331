/** Writes what an earlier revision ran into the manifest. Everything else in the file stays as it is. */
import { RESOURCES, type AgentService } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { undoPatch } from '@orc/sdk/client/undo'
import type { OrcContext } from '../orc-context.ts'
import { plain } from '../printers/plain.ts'
import { referenceOf } from '../selection.ts'
import { chooseTarget, revisionsOf } from './history.ts'

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
