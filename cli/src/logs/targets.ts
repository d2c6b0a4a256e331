/** Whose log is meant: a replica, or every replica of a service. */
import { RESOURCES, SERVICE_LABEL, type AgentService, type Pod } from '@orc/schemas'
import { ApiError, type OrcClient } from '@orc/sdk/client'
import { UsageError } from 'clipanion'
import { Failure } from '../failure.ts'
import { notFound } from '../not-found.ts'
import { parseSelection } from '../selection.ts'

export interface Target {
  readonly kind: 'AgentService' | 'Pod' | 'Either'
  readonly name: string
}

export interface LogTargets {
  /** Names, by ordinal. */
  readonly pods: readonly string[]
  /** What those that come later will have; absent when one pod is meant and no other. */
  readonly labelSelector?: string
  /** Whose pods they are. */
  readonly service?: string
}

/** Where both a service and a pod have the name, the service is meant. */
export async function logTargets(client: OrcClient, target: Target, namespace: string): Promise<LogTargets> {
  const { kind, name } = target
  const { items } = await client.list<Pod>(RESOURCES.pods, { namespace })
  const names = items.map(({ metadata }) => metadata.name)
  const replicas = items.filter(({ metadata }) => metadata.labels?.[SERVICE_LABEL] === name)
  if (kind !== 'Pod' && replicas.length > 0)
    return {
      pods: inOrder(replicas.map(({ metadata }) => metadata.name)),
      labelSelector: `${SERVICE_LABEL}=${name}`,
      service: name,
    }
  if (kind !== 'AgentService' && names.includes(name)) return { pods: [name] }
  if (kind === 'Pod') throw new Failure(`there is no pod "${name}" in namespace ${namespace}`)
  throw new Failure(await whyNone(client, name, namespace))
}

export async function selectedTargets(
  client: OrcClient,
  labelSelector: string,
  namespace: string,
): Promise<LogTargets> {
  const { items } = await client.list<Pod>(RESOURCES.pods, { namespace, labelSelector })
  if (items.length === 0) throw new Failure(`no pod in namespace ${namespace} has the labels ${labelSelector}`)
  return { pods: inOrder(items.map(({ metadata }) => metadata.name)), labelSelector }
}

/** `NAME`, or `KIND/NAME` where it matters. */
export function parseTarget(word: string): Target {
  if (!word.includes('/')) return { kind: 'Either', name: word }
  const [selection] = parseSelection([word])
  const name = selection?.names[0] ?? ''
  const kind = selection?.resource.kind
  if (kind === 'AgentService' || kind === 'Pod') return { kind, name }
  throw new UsageError(`${word} has no log; agentservices and pods have`)
}

function inOrder(names: readonly string[]): readonly string[] {
  return names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

async function whyNone(client: OrcClient, name: string, namespace: string): Promise<string> {
  try {
    const { spec } = await client.get<AgentService>(RESOURCES.agentservices, name, namespace)
    return `service "${name}" has no replicas${spec.replicas === 0 ? ' (spec.replicas is 0)' : ' yet'}, so there is no log`
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) return notFound(client, name, namespace)
    throw error
  }
}
