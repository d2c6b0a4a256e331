/** What a change of a ConfigMap or Secret would do to the services that mention it, in one sentence. Pure. */
import { isDeepStrictEqual } from 'node:util'
import { keyOfObject, referencesOf, type AgentService, type KubeObject } from '@orc/schemas'

interface WithContent extends KubeObject {
  readonly data?: unknown
  readonly binaryData?: unknown
  readonly stringData?: unknown
}

/** Undefined where no content changes, or nobody mentions the object. `services` are those of its namespace. */
export function followersSentence(
  live: KubeObject | undefined,
  merged: KubeObject,
  services: readonly AgentService[],
): string | undefined {
  if (isDeepStrictEqual(contentOf(live), contentOf(merged))) return undefined
  const key = keyOfObject(merged)
  const users = services.filter(({ spec, metadata }) => referencesOf(spec, metadata.namespace ?? 'default').has(key))
  const of = (mode: 'None' | 'Signal' | 'Restart'): readonly AgentService[] =>
    users.filter(({ spec }) => (spec.reload?.mode ?? 'None') === mode)
  const parts = [
    ...(of('Restart').length === 0 ? [] : [`restarts ${namesOf(of('Restart'))}`]),
    ...of('Signal').map((service) => `sends ${service.spec.reload?.signal ?? 'SIGHUP'} to ${service.metadata.name}`),
    ...(of('None').length === 0
      ? []
      : [`restarts nothing of ${namesOf(of('None'))} (files follow, variables at the next start)`]),
  ]
  return parts.length === 0 ? undefined : parts.join(', ')
}

function namesOf(services: readonly AgentService[]): string {
  return services.map(({ metadata }) => metadata.name).join(', ')
}

function contentOf(object: WithContent | undefined): readonly unknown[] {
  return [object?.data ?? {}, object?.binaryData ?? {}, object?.stringData ?? {}]
}
