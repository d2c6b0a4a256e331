/** The revisions of a service, oldest first, and which of them is meant when one returns to another. */
import { RESOURCES, SERVICE_LABEL, type AgentService, type ControllerRevision } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { changedFields } from '@orc/sdk/client/undo'
import { Failure } from '../failure.ts'
import { ageOf } from '../printers/age.ts'
import type { Colors } from '../printers/colors.ts'
import { joined } from '../printers/kind-printer.ts'
import { revisionPaint } from '../printers/status-word.ts'
import { formatTable, type Row } from '../printers/table.ts'

export async function revisionsOf(client: OrcClient, { metadata }: AgentService): Promise<ControllerRevision[]> {
  const { items } = await client.list<ControllerRevision>(RESOURCES.controllerrevisions, {
    namespace: metadata.namespace,
    labelSelector: `${SERVICE_LABEL}=${metadata.name}`,
  })
  return items.filter((item) => isOwn(item, metadata.uid)).toSorted((a, b) => a.revision - b.revision)
}

/** Not of an earlier service of the same name. */
function isOwn({ metadata }: ControllerRevision, uid: string | undefined): boolean {
  const owners = (metadata.ownerReferences ?? []) as readonly { readonly uid?: string }[]
  return owners.some((owner) => owner.uid === uid)
}

export function formatHistory(revisions: readonly ControllerRevision[], nowMs: number, colors: Colors): string {
  const rows = revisions.map(({ revision, data, orc, metadata }, at): Row => {
    const before = revisions[at - 1]
    return [
      String(revision),
      { text: orc.state, paint: revisionPaint(orc.state, colors) },
      ageOf(metadata.creationTimestamp, nowMs),
      joined(before === undefined ? [] : changedFields(before.data.spec, data.spec)),
      orc.message ?? '',
    ]
  })
  return formatTable([['REVISION', 'STATE', 'AGE', 'CHANGES', 'MESSAGE'], ...rows])
}

/** What `undo` returns to: what runs instead of what is declared, else the newest other one that worked, or at least did not fail. */
export function chooseTarget(
  { metadata, spec }: AgentService,
  revisions: readonly ControllerRevision[],
  wanted: number | undefined,
): ControllerRevision {
  if (revisions.length === 0) throw new Failure(`no rollout history found for agentservice "${metadata.name}"`)
  const others = revisions.filter(
    ({ data, orc }) => orc.state !== 'Rejected' && changedFields(spec, data.spec).length > 0,
  )
  const found =
    wanted === undefined
      ? ['InForce', 'Proven', 'New'].flatMap((state) => others.findLast(({ orc }) => orc.state === state) ?? [])[0]
      : revisions.find(({ revision }) => revision === wanted)
  if (found !== undefined) return found
  throw new Failure(
    wanted === undefined
      ? `no last revision to roll back to of agentservice "${metadata.name}"`
      : `unable to find specified revision ${String(wanted)} in history`,
  )
}
