/** A replica as the Pod that the API shows. Pure. */
import {
  formatBytes,
  ORDINAL_LABEL,
  REVISION_LABEL,
  SERVICE_LABEL,
  type AgentService,
  type Condition,
  type ContainerState,
  type Pod,
  type PodStatus,
  type Terminated,
} from '@orc/schemas'
import { derivedUid } from '../objects/derived-uid.ts'
import { knownContent } from '../plan/content.ts'
import type { ReplicaView } from '../plan/world.ts'
import type { Sample } from '../ports/samples.ts'
import type { ObservedRun } from '../runtime/runtime.ts'

type Deletion = Required<Pick<Pod['metadata'], 'deletionTimestamp' | 'deletionGracePeriodSeconds'>>

export interface PodContext {
  readonly service: AgentService
  readonly revision: string
  readonly previous: Pod | undefined
  /** About what its processes use. */
  readonly usage: Pick<Sample, 'cpu' | 'memory' | 'processes'> | undefined
  /** Somebody deleted this very pod. */
  readonly deletion: Deletion | undefined
  /** Wall time minus boot time, ms. */
  readonly wallOffsetMs: number
  /** RFC 3339. */
  readonly now: string
}

export function podName(service: string, ordinal: number): string {
  return `${service}-${String(ordinal)}`
}

/** A pod is one incarnation of a replica: a crash leaves it the same, a new revision does not. */
export function podUid(serviceUid: string, ordinal: number, incarnation: number): string {
  return derivedUid(`${serviceUid}/${String(ordinal)}/${String(incarnation)}`)
}

/** The part of a pod's metadata that the pod itself can be told at its start. */
export type PodMetadata = Pick<Pod['metadata'], 'name' | 'namespace' | 'uid' | 'labels' | 'annotations'>

/** A pod shows no annotations; those of its service are what it is told. */
export function metadataOfPod(
  { metadata }: Pick<AgentService, 'metadata'>,
  {
    ordinal,
    incarnation,
    revision,
  }: { readonly ordinal: number; readonly incarnation: number; readonly revision: string },
): PodMetadata {
  return {
    name: podName(metadata.name, ordinal),
    namespace: metadata.namespace ?? 'default',
    uid: podUid(metadata.uid ?? '', ordinal, incarnation),
    labels: {
      ...metadata.labels,
      [SERVICE_LABEL]: metadata.name,
      [ORDINAL_LABEL]: String(ordinal),
      [REVISION_LABEL]: revision,
    },
    annotations: metadata.annotations ?? {},
  }
}

export function podOf(view: ReplicaView, context: PodContext): Pod {
  const { service } = context
  const { newest } = view
  const live = newest !== undefined && newest.phase !== 'Ended' ? newest : undefined
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadataOf(view, context),
    spec: {
      containers: [
        {
          name: service.metadata.name,
          command: [...service.spec.command, ...(service.spec.args ?? [])],
          ports: newest?.record.ports.map(({ name, port }) => ({ name, containerPort: port })) ?? [],
        },
      ],
      restartPolicy: service.spec.restartPolicy ?? 'Always',
      nodeName: 'localhost',
    },
    status: statusOf(view, live, context),
  }
}

function metadataOf(
  { ordinal, incarnation, newest }: ReplicaView,
  { service, revision, previous, deletion, now }: PodContext,
): Pod['metadata'] {
  const { metadata, apiVersion, kind } = service
  const { annotations: _, ...told } = metadataOfPod(service, {
    ordinal,
    incarnation,
    revision: newest?.record.revision ?? revision,
  })
  const created =
    previous !== undefined && previous.metadata.uid === told.uid ? previous.metadata.creationTimestamp : undefined
  return {
    ...told,
    creationTimestamp: created ?? newest?.record.startedAt ?? now,
    ...deletion,
    ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true }],
  }
}

function statusOf(view: ReplicaView, live: ObservedRun | undefined, context: PodContext): PodStatus {
  const { previous, service, wallOffsetMs } = context
  const { newest, lastEnded } = view
  const ended = lastEnded === undefined ? undefined : terminatedOf(lastEnded)
  const running = live?.phase === 'Running'
  const final = view.reason === 'Completed' || view.reason === 'Failed'
  const waiting: ContainerState =
    final && ended !== undefined ? { terminated: ended } : { waiting: { reason: view.reason, message: view.message } }
  return {
    phase: phaseOf(view, running),
    reason: view.reason,
    message: view.message,
    conditions: [readyCondition(view, previous, context.now)],
    hostIP: '127.0.0.1',
    podIP: '127.0.0.1',
    ...(newest === undefined ? {} : { startTime: newest.record.startedAt }),
    containerStatuses: [
      {
        name: service.metadata.name,
        ready: view.ready,
        started: running,
        restartCount: view.restartCount,
        image: '',
        imageID: '',
        containerID: newest === undefined ? '' : containerId(newest),
        state: running ? { running: { startedAt: live.record.startedAt } } : waiting,
        lastState: ended === undefined ? {} : { terminated: ended },
      },
    ],
    orc: {
      incarnation: view.incarnation,
      ...runFacts(newest, live),
      ...(running ? usageOf(context.usage) : {}),
      ...(view.retryAtMs === undefined ? {} : { nextRetryTime: toWallTime(view.retryAtMs, wallOffsetMs) }),
    },
  }
}

function runFacts(newest: ObservedRun | undefined, live: ObservedRun | undefined): Partial<PodStatus['orc']> {
  const content = live === undefined ? undefined : knownContent(live)
  return {
    ...(content === undefined || content === '' ? {} : { configRevision: content }),
    ...(live?.pid === undefined ? {} : { pid: live.pid }),
    ...(newest === undefined ? {} : { run: newest.ref.seq }),
    ...(newest?.logBytesDropped === undefined ? {} : { logBytesDropped: newest.logBytesDropped }),
  }
}

function usageOf(usage: PodContext['usage']): Partial<PodStatus['orc']> {
  if (usage === undefined) return {}
  const { cpu, memory, processes } = usage
  return { processes, cpu: `${String(Math.round(cpu * 1000))}m`, memory: formatBytes(memory) }
}

function phaseOf(view: ReplicaView, running: boolean): PodStatus['phase'] {
  if (running) return 'Running'
  if (view.reason === 'Completed') return 'Succeeded'
  return view.reason === 'Failed' ? 'Failed' : 'Pending'
}

function readyCondition(view: ReplicaView, previous: Pod | undefined, now: string): Condition {
  const status = view.ready ? 'True' : 'False'
  const before = previous?.status.conditions.find(({ type }) => type === 'Ready')
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now
  return { type: 'Ready', status, reason: view.reason, message: view.message, lastTransitionTime }
}

function terminatedOf(run: ObservedRun): Terminated | undefined {
  const { end, record } = run
  if (end === undefined) return undefined
  return {
    exitCode: end.exitCode,
    ...(end.signal === undefined ? {} : { signal: end.signal }),
    reason: end.reason,
    startedAt: record.startedAt,
    finishedAt: end.finishedAt,
    ...(end.message === undefined ? {} : { message: end.message }),
    containerID: containerId(run),
  }
}

function containerId(run: ObservedRun): string {
  return `orc://${run.record.runId}`
}

/** To the second: the two clocks tick apart by some ms, and a time that trembles would be a change each time. */
export function toWallTime(bootMs: number, wallOffsetMs: number): string {
  return new Date(Math.round((bootMs + wallOffsetMs) / 1000) * 1000).toISOString()
}
