/** What is declared beside what is there, fact by fact; it says what it can know and "–" where it cannot. Pure. */
import { findCondition, parseQuantity, type AgentService, type Pod, type Probe } from '@orc/schemas'
import { formatAge, formatBytes, formatCores } from '#lib/format.ts'
import { groupBy } from '#lib/group-by.ts'
import { present } from '#lib/present.ts'
import { revisionOf } from '#lib/replica-view.ts'
import type { ServiceView } from '#lib/service-view.ts'
import type { Neighbour } from './neighbours.ts'
import { shortHash, type RevisionView } from './revisions.ts'

export interface Pair {
  readonly name: string
  readonly declared: string
  readonly observed: string
  readonly differs: boolean
}

export interface PairWorld {
  readonly service: AgentService
  readonly view: ServiceView
  readonly pods: readonly Pod[]
  readonly needs: readonly Neighbour[]
  readonly revisions: readonly RevisionView[]
  readonly ageMs: (sinceMs: number) => number
}

const NOTHING = '–'
const OUT_OF_MEMORY: readonly string[] = ['OOMKilled', 'MemoryLimitExceeded']

export function pairsOf(world: PairWorld): Pair[] {
  return [
    replicas(world),
    revision(world),
    ...memory(world),
    ...cpu(world),
    ...readiness(world),
    ...world.needs.map((need) => dependency(need, world)),
    mode(world),
  ]
}

function replicas({ service, view, pods }: PairWorld): Pair {
  const declared = String(service.spec.replicas ?? 1)
  if (view.wanted === 0 && pods.every(({ status }) => status.orc.pid === undefined))
    return same('Replicas', declared, `none, ${view.presentation.word.toLowerCase()}`)
  const words = groupBy(
    pods.filter((pod) => !isReady(pod)),
    ({ status }) => present(status.reason).word.toLowerCase(),
  )
  const others = Array.from(words, ([word, those]) => `${String(those.length)} ${word}`)
  const observed = [`${String(view.ready)} ready`, ...others].join(', ')
  return { name: 'Replicas', declared, observed, differs: view.ready !== view.wanted || pods.length !== view.wanted }
}

function revision({ service, pods, revisions }: PairWorld): Pair {
  const { currentRevision, rejectedRevision } = service.status ?? {}
  const isReturned = findCondition(service.status?.conditions, 'Accepted')?.reason === 'RolledBack'
  const wanted = isReturned ? rejectedRevision : currentRevision
  const name = (hash: string | undefined): string => nameOfRevision(hash, revisions)
  const groups = groupBy(pods, revisionOf)
  const observed = Array.from(
    groups,
    ([hash, those]) => `${name(hash)} on ${String(those.length)} of ${String(pods.length)}`,
  )
  return {
    name: 'Revision',
    declared: name(wanted),
    observed: observed.length === 0 ? NOTHING : observed.join(', '),
    differs: [...groups.keys()].some((hash) => hash !== wanted),
  }
}

function nameOfRevision(hash: string | undefined, revisions: readonly RevisionView[]): string {
  if (hash === undefined) return NOTHING
  const known = revisions.find(({ revision }) => revision.orc.revision === hash)
  return known === undefined ? shortHash(hash) : `${String(known.number)} (${shortHash(hash)})`
}

const HELD = { Kernel: 'held by the kernel', Sampled: 'judged by samples', None: 'not enforced on this host' } as const

function memory({ service, pods }: PairWorld): Pair[] {
  const limit = quantity(service.spec.resources?.limits?.memory)
  if (limit === undefined) return []
  const used = pods.flatMap(({ status }) => quantity(status.orc.memory) ?? [])
  const isOut = pods.some((pod) => !isReady(pod) && OUT_OF_MEMORY.includes(lastReason(pod) ?? ''))
  const held = service.status?.enforcement?.memory
  const observed = [use(used, formatBytes), ...(isOut ? ['the limit was reached'] : []), ...(held ? [HELD[held]] : [])]
  return [
    {
      name: 'Memory limit',
      declared: each(formatBytes(limit), service),
      observed: observed.join(', '),
      differs: isOut || held === 'None' || used.some((bytes) => bytes > limit),
    },
  ]
}

function cpu({ service, pods }: PairWorld): Pair[] {
  const limit = quantity(service.spec.resources?.limits?.cpu)
  if (limit === undefined) return []
  const used = pods.flatMap(({ status }) => quantity(status.orc.cpu) ?? [])
  const held = service.status?.enforcement?.cpu
  return [
    {
      name: 'CPU limit',
      declared: each(`${formatCores(limit)}\u00a0cores`, service),
      observed: [use(used, (cores) => `${formatCores(cores)}\u00a0cores`), ...(held ? [HELD[held]] : [])].join(', '),
      differs: held === 'None' || used.some((cores) => cores > limit * 1.05),
    },
  ]
}

/** Of several replicas the most, for each has the limit to itself. */
function use(used: readonly number[], format: (value: number) => string): string {
  if (used.length === 0) return NOTHING
  return `${format(Math.max(...used))}${used.length > 1 ? ' at most' : ''}`
}

function each(limit: string, { spec }: AgentService): string {
  return (spec.replicas ?? 1) > 1 ? `${limit} each` : limit
}

function readiness({ service, view, pods }: PairWorld): Pair[] {
  const probe = service.spec.readinessProbe
  if (probe === undefined) return []
  const declared = `${sayProbe(probe)}, every ${String(probe.periodSeconds ?? 10)}\u00a0s`
  const live = pods.filter(({ status }) => status.orc.pid !== undefined)
  if (live.length === 0) return [{ name: 'Readiness', declared, observed: NOTHING, differs: view.wanted > 0 }]
  const failing = live.find((pod) => !isReady(pod))
  const passing = live.filter(isReady).length
  const counted = live.length === 1 ? 'passes' : `passes on ${String(passing)} of ${String(live.length)}`
  const observed = failing === undefined ? counted : failing.status.message
  return [{ name: 'Readiness', declared, observed, differs: failing !== undefined }]
}

export function sayProbe({ httpGet, tcpSocket, exec, notify }: Probe): string {
  if (httpGet !== undefined) return `GET ${httpGet.path ?? '/'}`
  if (tcpSocket !== undefined) return `connects to port ${String(tcpSocket.port)}`
  if (exec !== undefined) return exec.command.join(' ')
  return notify === undefined ? NOTHING : 'the process says so'
}

const MET: Readonly<Record<Neighbour['condition'], (view: ServiceView) => boolean>> = {
  Ready: ({ reason }) => reason === 'Ready',
  Started: ({ replicas }) => replicas.some(({ process }) => process !== undefined),
  Completed: ({ reason }) => reason === 'Completed',
}

function dependency({ name, condition, view }: Neighbour, { ageMs }: PairWorld): Pair {
  const declared = `${name} ${condition}`
  if (view === undefined) return { name: 'Needs', declared, observed: 'not declared', differs: true }
  const age = view.sinceMs === undefined ? '' : ` for ${formatAge(ageMs(view.sinceMs))}`
  return { name: 'Needs', declared, observed: `${view.presentation.word}${age}`, differs: !MET[condition](view) }
}

function mode({ service, view, pods }: PairWorld): Pair {
  const { operatingMode = 'Running', restartPolicy = 'Always' } = service.spec
  const isRunning = pods.some(({ status }) => status.orc.pid !== undefined)
  const declared = operatingMode === 'Running' ? `Running, restart ${restartPolicy}` : operatingMode
  if (operatingMode === 'Stopped')
    return { name: 'Mode', declared, observed: isRunning ? 'Running' : 'Stopped', differs: isRunning }
  const observed = isRunning ? 'Running' : view.presentation.word
  return { name: 'Mode', declared, observed, differs: !isRunning && view.wanted > 0 }
}

function same(name: string, declared: string, observed: string): Pair {
  return { name, declared, observed, differs: false }
}

function isReady({ status }: Pod): boolean {
  return status.containerStatuses[0].ready
}

function lastReason({ status }: Pod): string | undefined {
  const { state, lastState } = status.containerStatuses[0]
  return (state.terminated ?? lastState.terminated)?.reason
}

function quantity(text: string | number | undefined): number | undefined {
  return text === undefined ? undefined : parseQuantity(text)
}
