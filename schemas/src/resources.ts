/** The names under which the API serves each kind: one table for server, clients and printers. */

export interface ResourceName {
  readonly kind: string
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly namespaced: boolean
}

const resource = (
  group: string,
  version: string,
  kind: string,
  names: { plural: string; shortNames?: readonly string[]; namespaced?: boolean },
): ResourceName => ({
  kind,
  group,
  version,
  plural: names.plural,
  singular: kind.toLowerCase(),
  shortNames: names.shortNames ?? [],
  namespaced: names.namespaced ?? true,
})

export const RESOURCES = {
  agentservices: resource('orc.dev', 'v1alpha1', 'AgentService', {
    plural: 'agentservices',
    shortNames: ['as', 'asvc'],
  }),
  manifests: resource('orc.dev', 'v1alpha1', 'Manifest', {
    plural: 'manifests',
    shortNames: ['mf'],
    namespaced: false,
  }),
  namespaces: resource('', 'v1', 'Namespace', { plural: 'namespaces', shortNames: ['ns'], namespaced: false }),
  configmaps: resource('', 'v1', 'ConfigMap', { plural: 'configmaps', shortNames: ['cm'] }),
  secrets: resource('', 'v1', 'Secret', { plural: 'secrets' }),
  pods: resource('', 'v1', 'Pod', { plural: 'pods', shortNames: ['po'] }),
  events: resource('', 'v1', 'Event', { plural: 'events', shortNames: ['ev'] }),
  controllerrevisions: resource('apps', 'v1', 'ControllerRevision', { plural: 'controllerrevisions' }),
  serviceoverviews: resource('orc.dev', 'v1alpha1', 'ServiceOverview', {
    plural: 'serviceoverviews',
    shortNames: ['uptime'],
  }),
  podmetrics: resource('metrics.k8s.io', 'v1beta1', 'PodMetrics', { plural: 'pods' }),
} as const satisfies Record<string, ResourceName>

/** By plural, singular, kind or short name, in any case; `podmetrics` answers to its kind only. */
export function findResource(word: string): ResourceName | undefined {
  const wanted = word.toLowerCase()
  return Object.values(RESOURCES).find(
    (r) =>
      r.singular === wanted || (r.group !== 'metrics.k8s.io' && (r.plural === wanted || r.shortNames.includes(wanted))),
  )
}

/** `orc.dev/v1alpha1`, or `v1` for the core group. */
export function apiVersionOf({ group, version }: ResourceName): string {
  return group === '' ? version : `${group}/${version}`
}

/** The URL path of a collection or an object. */
export function resourcePath(resource: ResourceName, namespace?: string, name?: string, subresource?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`
  const scope = namespace === undefined || !resource.namespaced ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`
  return `${root}${scope}/${resource.plural}${object}${subresource === undefined ? '' : `/${subresource}`}`
}
