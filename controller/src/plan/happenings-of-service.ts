/** What happened to a service as a whole: its conditions turned. */
import { REASONS, type Judgement, type Reason } from '@orc/schemas'
import { comingUpMs, type Happening, type Pass } from './happening.ts'

export interface ServiceTelling {
  readonly happenings: readonly Happening[]
  readonly told: ReadonlyMap<string, string>
}

/** Of a service that is not ready; on its way there is nothing to tell. */
const UNREADY: readonly Reason[] = ['CrashLoopBackOff', 'ProbeFailed', 'Failed', 'Completed', 'Stopped']
/** What somebody asked for. */
const ASKED_FOR: readonly Reason[] = ['Ready', 'ScaledToZero', 'Completed', 'Stopped', 'Accepted', 'PendingApproval']
/** Nobody knows yet how it stood before: processes were found running, and their probes have not answered. */
const UNKNOWN = '?'
const GOOD = ''

export function happeningsOfService(before: ReadonlyMap<string, string> | undefined, pass: Pass): ServiceTelling {
  const judgements = [pass.acceptance, ...pass.decided.judgements].flatMap((judgement) =>
    judgement === undefined ? [] : [judgement],
  )
  const told = new Map<string, string>()
  const happenings: Happening[] = []
  for (const judgement of judgements) {
    const turn = isComingUp(judgement, pass) ? undefined : turnOf(judgement)
    const known = before === undefined ? firstLook(judgement, pass) : before.get(judgement.type)
    const current = turn ?? known
    if (current !== undefined) told.set(judgement.type, current)
    if (turn === undefined || turn === known || isSilent(judgement, known)) continue
    happenings.push({ ...sayingOf(judgement), reason: judgement.reason })
  }
  return { happenings, told }
}

/** Names how a condition stands where that is worth telling. */
function turnOf({ type, status, reason, message }: Judgement): string | undefined {
  if (type === 'Progressing') return undefined
  if (type === 'Ready') return status === 'True' || UNREADY.includes(reason) ? reason : undefined
  if (type === 'Stalled') return status === 'True' ? reason : GOOD
  // A file can be wrong in another way than before.
  return status === 'True' ? GOOD : `${reason} ${message}`
}

function isComingUp({ type, reason }: Judgement, { world, decided }: Pass): boolean {
  const failing = decided.replicas.filter((view) => view.reason === 'ProbeFailed')
  return type === 'Ready' && reason === 'ProbeFailed' && failing.every((view) => comingUpMs(view, world.nowMs) > 0)
}

/** That something is amiss is told at every start of the controller; how ready services stand is not news then. */
function firstLook(judgement: Judgement, { world }: Pass): string | undefined {
  if (judgement.type !== 'Ready') return GOOD
  return turnOf(judgement) ?? (world.slots.some(({ runs }) => runs.length > 0) ? UNKNOWN : undefined)
}

function isSilent({ type, status }: Judgement, known: string | undefined): boolean {
  // What comes after it is told by Ready or by the next refusal.
  if (type === 'Stalled') return status === 'False'
  if (type === 'Accepted') return status === 'True' && known === undefined
  return status === 'True' && known === UNKNOWN
}

function sayingOf({ type, reason, message }: Judgement): Pick<Happening, 'type' | 'message'> {
  const words = type === 'Ready' && reason === 'CrashLoopBackOff' ? REASONS[reason] : message
  return { type: ASKED_FOR.includes(reason) ? 'Normal' : 'Warning', message: words }
}
