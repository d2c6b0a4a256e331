/** Which spec counts: the declared one, or an earlier one because that failed or because the rollout is paused. Pure. */
import {
  cycleSentence,
  RESTARTED_AT,
  type AcceptedSpec,
  type AgentService,
  type Judgement,
  type Key,
} from '@orc/schemas'
import type { Revision } from '../objects/revisions.ts'
import type { AcceptedService, RolloutFacts } from '../plan/world.ts'
import { revisionOf } from './revision.ts'

export interface InForce {
  readonly accepted: AcceptedService
  readonly rollout: RolloutFacts
  /** Why the declared spec is not in force, where a failure is the reason. */
  readonly judgement?: Judgement
  /** The declared revision that was rejected. */
  readonly rejected?: string
}

interface Here {
  readonly bootId: string
  readonly nowMs: number
  readonly waitedUntilMs?: number | undefined
}

/** Fields that are about the fleet and not about what runs: they are taken from the declared spec in any case. */
const OF_THE_FLEET = [
  'description',
  'links',
  'replicas',
  'operatingMode',
  'operatingModeReason',
  'operatingModeUntil',
  'updateStrategy',
  'priority',
  'reload',
  'revisionHistoryLimit',
  'logs',
] as const satisfies (keyof AcceptedSpec)[]

export function inForce(
  service: AgentService,
  revisions: readonly Revision[],
  here: Here & { readonly cycle?: readonly Key[] | undefined },
): InForce {
  const spec = service.spec as AcceptedSpec
  const restartedAt = service.metadata.annotations?.[RESTARTED_AT] ?? ''
  const declared = revisionOf(spec)
  const choice = choose(spec, { declared, restartedAt, isCycle: here.cycle !== undefined }, revisions)
  const { used } = choice
  const isOther = used !== undefined && (used.revision !== declared || choice.type === 'Cycle')
  return {
    accepted: {
      uid: service.metadata.uid ?? '',
      revision: used?.revision ?? declared,
      restartedAt,
      spec: isOther ? merged(spec, used.spec) : spec,
    },
    rollout: factsOf(choice, here),
    ...(choice.type === 'RolledBack' ? { rejected: declared } : {}),
    ...judgementOf(service, choice, here.cycle),
  }
}

function factsOf({ type, used, proven }: Choice, here: Here): RolloutFacts {
  return {
    beganAtMs: used?.bootId === here.bootId ? used.beganAtMs : here.nowMs,
    isProven: used?.isProven ?? false,
    isHeld: type === 'Held',
    ...(here.waitedUntilMs === undefined ? {} : { waitedUntilMs: here.waitedUntilMs }),
    ...(proven === undefined || type === 'RolledBack' ? {} : { fallback: proven.revision }),
  }
}

type Choice = {
  /** The revision in force; undefined for the declared one that has not begun. */
  readonly used: Revision | undefined
  /** The latest other one that has proven itself. */
  readonly proven: Revision | undefined
} & ({ readonly type: 'Declared' | 'Held' | 'Cycle' } | { readonly type: 'RolledBack'; readonly failed: Revision })

function choose(
  { updateStrategy }: AcceptedSpec,
  {
    declared,
    restartedAt,
    isCycle,
  }: { readonly declared: string; readonly restartedAt: string; readonly isCycle: boolean },
  revisions: readonly Revision[],
): Choice {
  const known = revisions.find(({ revision }) => revision === declared)
  const proven = revisions.findLast(({ revision, isProven }) => isProven && revision !== declared)
  const current = revisions.at(-1)
  if (known?.rejection?.restartedAt === restartedAt && proven !== undefined)
    return { type: 'RolledBack', used: proven, proven, failed: known }
  // What depends on itself can never start again; what ran before does.
  if (current !== undefined && (isCycle || (updateStrategy.paused === true && known !== current)))
    return { type: isCycle ? 'Cycle' : 'Held', used: current, proven }
  return { type: 'Declared', used: known, proven }
}

function merged(declared: AcceptedSpec, used: AcceptedSpec): AcceptedSpec {
  const isOfTheFleet = (field: string): boolean => (OF_THE_FLEET as readonly string[]).includes(field)
  const ran = Object.entries(used).filter(([field]) => !isOfTheFleet(field))
  const wanted = Object.entries(declared).filter(([field]) => isOfTheFleet(field))
  return Object.fromEntries([...ran, ...wanted]) as unknown as AcceptedSpec
}

function judgementOf(
  service: AgentService,
  choice: Choice,
  cycle: readonly Key[] | undefined,
): Pick<InForce, 'judgement'> {
  if (choice.type === 'RolledBack') return { judgement: rolledBack(service, choice.failed) }
  if (cycle === undefined) return {}
  const message = `${cycleSentence(cycle)} What runs goes on as it was.`
  return { judgement: { type: 'Accepted', status: 'False', reason: 'DependencyCycle', message } }
}

function rolledBack({ metadata }: AgentService, { number, rejection }: Revision): Judgement {
  const message = `Revision ${String(number)} failed: ${rejection?.message ?? ''} The last one that worked is in force. The file is as you wrote it: correct it, or try it again with "orc restart ${metadata.name}".`
  return { type: 'Accepted', status: 'False', reason: 'RolledBack', message }
}
