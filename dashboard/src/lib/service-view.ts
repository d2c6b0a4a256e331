/** One service as the page shows it: its state, why, since when, and how much of it is there. Pure. */
import { DEFAULT_NAMESPACE, keyOfObject, parseQuantity, SERVICE_LABEL } from '@orc/schemas'
import type { AgentService, Key, Pod } from '@orc/schemas'
import { groupBy } from './group-by.ts'
import { judge, lastTermination, type Judgement } from './judge.ts'
import { present, type Presentation } from './present.ts'
import { ordinalOf, replicaOf, timeOf, type ReplicaView } from './replica-view.ts'

export interface ServiceView {
  readonly key: Key
  readonly name: string
  readonly namespace: string
  /** What it is, in the owner's words: the label `orc.dev/type`. */
  readonly type: string | undefined
  readonly labels: Readonly<Record<string, string>>
  /** Of its own page. */
  readonly href: string
  /** What orc gives as the reason, in one word to search for. */
  readonly reason: string
  readonly presentation: Presentation
  /** orc's own sentence, without the countdown at its end. */
  readonly message: string
  readonly sinceMs: number | undefined
  readonly next: NextStart | undefined
  /** The last lines of the process that ended last, where that is the trouble. */
  readonly lastLines: string | undefined
  /** How many replicas should run now. */
  readonly wanted: number
  readonly ready: number
  readonly restarts: number
  readonly replicas: readonly ReplicaView[]
  /** Limits of all live replicas together: cores, bytes. */
  readonly limits: { readonly cpu: number | undefined; readonly memory: number | undefined }
  readonly stopped: { readonly reason: string | undefined; readonly untilMs: number | undefined } | undefined
}

/** `what` is what happens then: "Restart 3". */
export interface NextStart {
  readonly what: string
  readonly atMs: number
}

const TYPE_LABEL = 'orc.dev/type'

export function serviceViews(services: Iterable<AgentService>, pods: Iterable<Pod>): ServiceView[] {
  const podsOf = groupBy(pods, serviceKeyOf)
  return Array.from(services, (service) => viewOf(service, podsOf.get(serviceKey(service.metadata)) ?? []))
}

function viewOf(service: AgentService, unordered: readonly Pod[]): ServiceView {
  const pods = unordered.toSorted((a, b) => ordinalOf(a) - ordinalOf(b))
  const judgement = judge(service, pods)
  const newRevision = judgement.state === 'RollingOut' ? service.status?.currentRevision : undefined
  return {
    ...identityOf(service),
    ...wordsOf(service, pods, judgement),
    ...countsOf(service, judgement),
    replicas: pods.map((pod) => replicaOf(pod, newRevision)),
    limits: limitsOf(service, pods),
  }
}

function identityOf(
  service: AgentService,
): Pick<ServiceView, 'key' | 'name' | 'namespace' | 'type' | 'labels' | 'href'> {
  const { name, namespace = DEFAULT_NAMESPACE, labels = {} } = service.metadata
  const href = `/services/${namespace}/${name}`
  return { key: keyOfObject(service), name, namespace, type: labels[TYPE_LABEL], labels, href }
}

function wordsOf(service: AgentService, pods: readonly Pod[], { state, condition }: Judgement) {
  const { operatingModeReason: reason, operatingModeUntil } = service.spec
  const presentation = present(state)
  return {
    presentation,
    reason: state === 'RollingOut' && condition ? condition.reason : state,
    ...splitCountdown(condition?.message ?? 'orc has not looked at it yet.', nextStartMs(service, pods)),
    sinceMs: timeOf(condition?.lastTransitionTime),
    lastLines: presentation.role === 'bad' ? lastTermination(pods)?.message?.trimEnd() : undefined,
    stopped: state === 'Stopped' ? { reason, untilMs: timeOf(operatingModeUntil) } : undefined,
  }
}

function countsOf({ spec, status }: AgentService, { state }: Judgement) {
  const { readyReplicas: ready = 0, restartCount: restarts = 0 } = status ?? {}
  const isWanted = present(state).role !== 'off' && state !== 'Completed'
  return { wanted: isWanted ? (spec.replicas ?? 1) : 0, ready, restarts }
}

/** orc ends such a message with "Restart 3 in 12 s.", which was true when it was written: the page counts itself. */
function splitCountdown(message: string, atMs: number | undefined): { message: string; next: NextStart | undefined } {
  if (atMs === undefined) return { message, next: undefined }
  const [countdown = '', what = 'Next start'] = /(?:^|\s)(Restart \d+) in [^.]*\.$/.exec(message) ?? []
  return { message: message.slice(0, message.length - countdown.length), next: { what, atMs } }
}

function nextStartMs(service: AgentService, pods: readonly Pod[]): number | undefined {
  const times = [service.status?.nextRetryTime, ...pods.map((pod) => pod.status.orc.nextRetryTime)].flatMap(
    (time) => timeOf(time) ?? [],
  )
  return times.length === 0 ? undefined : Math.min(...times)
}

function limitsOf({ spec }: AgentService, pods: readonly Pod[]): ServiceView['limits'] {
  const live = Math.max(1, pods.filter((pod) => pod.status.containerStatuses[0].state.running !== undefined).length)
  const total = (quantity: string | number | undefined): number | undefined => {
    const limit = quantity === undefined ? undefined : parseQuantity(quantity)
    return limit === undefined ? undefined : limit * live
  }
  return { cpu: total(spec.resources?.limits?.cpu), memory: total(spec.resources?.limits?.memory) }
}

/** `namespace/name` of the service that the pod is a replica of. */
export function serviceKeyOf(pod: Pod): string {
  return serviceKey({ namespace: pod.metadata.namespace, name: pod.metadata.labels?.[SERVICE_LABEL] ?? '' })
}

function serviceKey({ namespace, name }: { namespace?: string | undefined; name: string }): string {
  return `${namespace ?? DEFAULT_NAMESPACE}/${name}`
}
