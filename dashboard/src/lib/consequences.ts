/** What a verb would do to processes and to other services, in sentences for the review before it is written. Pure. */
import { DEFAULT_NAMESPACE, SERVICE_LABEL, type AgentService, type Pod } from '@orc/schemas'
import type { Inputs, Verb } from './verbs.ts'

export interface Consequence {
  readonly tone: 'acts' | 'warns' | 'calm'
  /** The fact, in bold. */
  readonly lead: string
  readonly text: string
}

export interface Surroundings {
  /** All services, those that are changed among them. */
  readonly services: readonly AgentService[]
  readonly pods: readonly Pod[]
}

export function consequencesOf(
  verb: Verb,
  inputs: Inputs,
  chosen: readonly AgentService[],
  around: Surroundings,
): readonly Consequence[] {
  switch (verb) {
    case 'Stop':
      return [stopping(chosen, around.pods), ...rollouts(chosen), dependents(chosen, around.services)]
    case 'Restart':
    case 'Roll back':
      return [restarting(chosen, around.pods), ...stopped(chosen)]
    case 'Start':
      return [starting(chosen)]
    case 'Scale':
      return [scaling(chosen, Number(inputs.replicas))]
    case 'Label':
      return [{ tone: 'calm', lead: 'Nothing restarts.', text: '' }]
  }
}

function stopping(chosen: readonly AgentService[], pods: readonly Pod[]): Consequence {
  const counts = chosen.map((service) => ({ service, live: liveOf(service, pods) }))
  const all = counts.reduce((sum, { live }) => sum + live, 0)
  if (all === 0) return { tone: 'calm', lead: 'No process runs now.', text: 'None will be started.' }
  const signals = [...new Set(chosen.map(({ spec }) => spec.stopSignal ?? 'SIGTERM'))]
  const graceSeconds = Math.max(...chosen.map(({ spec }) => spec.terminationGracePeriodSeconds ?? 30))
  const each = counts
    .filter(({ live }) => live > 0)
    .map(({ service, live }) => `${String(live)} ${service.metadata.name}`)
  return {
    tone: 'acts',
    lead: `${many(all, 'process', 'processes')} ${all === 1 ? 'gets' : 'get'} ${signals.join(' or ')}`,
    text: `, up to ${String(graceSeconds)} s to finish${each.length === 1 ? '' : `: ${each.join(', ')}`}.`,
  }
}

function restarting(chosen: readonly AgentService[], pods: readonly Pod[]): Consequence {
  const running = chosen.filter(({ spec }) => spec.operatingMode !== 'Stopped')
  const all = running.reduce((sum, service) => sum + liveOf(service, pods), 0)
  if (running.length === 0) return { tone: 'calm', lead: 'No process runs now.', text: '' }
  const atOnce = running.some(({ spec }) => spec.updateStrategy?.type === 'Recreate')
  return {
    tone: 'acts',
    lead: `${many(all, 'process is', 'processes are')} replaced`,
    text: atOnce ? ', as each service’s update strategy says.' : ', one after the other in each service.',
  }
}

function stopped(chosen: readonly AgentService[]): Consequence[] {
  const names = chosen.filter(({ spec }) => spec.operatingMode === 'Stopped').map(({ metadata }) => metadata.name)
  if (names.length === 0) return []
  return [
    { tone: 'warns', lead: `${list(names)} ${names.length === 1 ? 'is' : 'are'} stopped`, text: ' and stays so.' },
  ]
}

function starting(chosen: readonly AgentService[]): Consequence {
  const waiting = chosen.filter(({ spec }) => spec.operatingMode === 'Stopped')
  const all = waiting.reduce((sum, { spec }) => sum + (spec.replicas ?? 1), 0)
  if (waiting.length === 0) return { tone: 'calm', lead: 'Nothing starts.', text: ' All of these may run already.' }
  return {
    tone: 'acts',
    lead: many(all, 'replica starts', 'replicas start'),
    text: ' when what they need is there.',
  }
}

function scaling(chosen: readonly AgentService[], wanted: number): Consequence {
  if (!Number.isInteger(wanted)) return { tone: 'calm', lead: 'Nothing yet.', text: '' }
  const changes = chosen.map(({ spec }) => wanted - (spec.replicas ?? 1))
  const more = changes.filter((change) => change > 0).reduce((sum, change) => sum + change, 0)
  const fewer = -changes.filter((change) => change < 0).reduce((sum, change) => sum + change, 0)
  const parts = [
    ...(more > 0 ? [many(more, 'replica starts', 'replicas start')] : []),
    ...(fewer > 0 ? [many(fewer, 'replica ends', 'replicas end')] : []),
  ]
  if (parts.length === 0) return { tone: 'calm', lead: 'Nothing changes.', text: '' }
  return { tone: 'acts', lead: parts.join(', '), text: '. Those that stay are not restarted.' }
}

function rollouts(chosen: readonly AgentService[]): Consequence[] {
  return chosen.flatMap(({ metadata, spec, status }) => {
    const wanted = spec.replicas ?? 1
    const updated = status?.updatedReplicas ?? wanted
    if (updated >= wanted || (status?.replicas ?? 0) === 0) return []
    const text = ` It stops at ${String(updated)} of ${String(wanted)} new replicas.`
    return [{ tone: 'warns', lead: `${metadata.name} is mid-rollout.`, text }] as const
  })
}

function dependents(chosen: readonly AgentService[], services: readonly AgentService[]): Consequence {
  const keys = new Set(chosen.map(keyOf))
  const names = services
    .filter((service) => !keys.has(keyOf(service)))
    .filter(({ metadata, spec }) =>
      (spec.dependsOn ?? []).some(({ name, namespace }) =>
        keys.has(`${namespace ?? metadata.namespace ?? DEFAULT_NAMESPACE}/${name}`),
      ),
    )
    .map(({ metadata }) => metadata.name)
  if (names.length === 0) return { tone: 'calm', lead: 'No other service depends on this.', text: '' }
  return {
    tone: 'warns',
    lead: `${list(names)} ${names.length === 1 ? 'depends' : 'depend'} on this.`,
    text: ' What runs goes on; what starts anew waits.',
  }
}

function liveOf(service: AgentService, pods: readonly Pod[]): number {
  return pods.filter(
    ({ metadata, status }) =>
      `${metadata.namespace ?? DEFAULT_NAMESPACE}/${metadata.labels?.[SERVICE_LABEL] ?? ''}` === keyOf(service) &&
      status.containerStatuses[0].state.running !== undefined,
  ).length
}

function keyOf({ metadata }: AgentService): string {
  return `${metadata.namespace ?? DEFAULT_NAMESPACE}/${metadata.name}`
}

function many(count: number, one: string, more: string): string {
  return `${String(count)} ${count === 1 ? one : more}`
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}
