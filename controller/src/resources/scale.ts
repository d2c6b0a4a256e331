/** The number of replicas of a service as autoscaling/v1 Scale: what `kubectl scale` and autoscalers read and write. */
import { DEFAULT_NAMESPACE, SERVICE_LABEL, type AgentService, type KubeObject } from '@orc/schemas'
import type { UpdateDecision } from '../ports/object-writer.ts'
import type { ViewSubresource } from './resource.ts'

export interface Scale extends KubeObject {
  readonly spec: { readonly replicas: number }
  readonly status: { readonly replicas: number; readonly selector: string }
}

export const SCALE: ViewSubresource<AgentService> = {
  type: 'View',
  name: 'scale',
  verbs: ['get', 'update', 'patch'],
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  show: scaleOf,
  change: withReplicas,
}

/** The label selector of the service's pods. */
export function selectorOf({ metadata, status }: Pick<AgentService, 'metadata' | 'status'>): string {
  return status?.selector ?? `${SERVICE_LABEL}=${metadata.name}`
}

function scaleOf(service: AgentService): Scale {
  const { metadata, spec, status } = service
  const { name, namespace = DEFAULT_NAMESPACE, uid, resourceVersion, creationTimestamp = null } = metadata
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: {
      name,
      namespace,
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      creationTimestamp,
    },
    spec: { replicas: spec.replicas ?? 1 },
    status: { replicas: status?.replicas ?? 0, selector: selectorOf(service) },
  }
}

function withReplicas(current: AgentService, view: unknown): UpdateDecision {
  const replicas = (view as { spec?: { replicas?: unknown } | null } | null)?.spec?.replicas
  if (!Number.isInteger(replicas)) {
    // Kubernetes reads a missing number as 0, and a slip would stop everything.
    const message = `spec.replicas must be a whole number; got ${replicas === undefined ? 'nothing' : JSON.stringify(replicas)}`
    return { ok: false, refusal: { reason: 'Invalid', message, causes: [{ field: 'spec.replicas', message }] } }
  }
  return { ok: true, object: { ...current, spec: { ...current.spec, replicas } } }
}
