/** Rules that join several fields, which a JSON Schema cannot say. Each rule names the field that should change. */
import type { AgentService, AgentServiceSpec, Probe } from './generated/index.ts'
import { FIELD_PATHS, parseFieldPath } from './field-path.ts'
import type { Issue, Path } from './issue.ts'
import { fieldName } from './issue.ts'
import { metadataKeyIssues } from './metadata-keys.ts'
import { parseQuantity } from './quantity.ts'
import type { Declared } from './resource.ts'

type Rule = (spec: AgentServiceSpec) => Issue[]

const issue = (path: Path, message: string): Issue => ({ path, at: 'value', message })

const RULES: readonly Rule[] = [
  (spec) => duplicates(spec.env, ['spec', 'env']),
  (spec) => duplicates(spec.ports, ['spec', 'ports']),
  (spec) => duplicates(spec.links, ['spec', 'links']),
  (spec) => duplicates(spec.initCommands, ['spec', 'initCommands']),
  fixedPortsOfReplicas,
  fixedPortsOfSurge,
  updateThatReplacesNothing,
  reservedVariables,
  fieldPaths,
  fileNames,
  probePorts,
  requestsOverLimits,
]

export function semanticIssues(object: Declared): Issue[] {
  const nul = findNul(object, [])
  if (nul !== undefined) return [issue(nul, 'must not hold a NUL character')]
  const keys = metadataKeyIssues(object)
  return isAgentService(object) ? [...keys, ...RULES.flatMap((rule) => rule(object.spec))] : keys
}

export function isAgentService(object: { readonly kind: string }): object is AgentService {
  return object.kind === 'AgentService'
}

function duplicates(items: readonly { readonly name: string }[] | undefined, path: Path): Issue[] {
  const first = new Map<string, number>()
  return (items ?? []).flatMap(({ name }, index) => {
    const earlier = first.get(name)
    if (earlier === undefined) first.set(name, index)
    return earlier === undefined
      ? []
      : [issue([...path, index, 'name'], `${JSON.stringify(name)} is already used by ${fieldName([...path, earlier])}`)]
  })
}

function fixedPortsOfReplicas(spec: AgentServiceSpec): Issue[] {
  if ((spec.replicas ?? 1) <= 1) return []
  return (spec.ports ?? []).flatMap(({ port }, index) =>
    port === 0
      ? []
      : [
          issue(
            ['spec', 'ports', index, 'port'],
            `must be 0 (allocated) when replicas is over 1: two replicas cannot share port ${String(port)}`,
          ),
        ],
  )
}

function fixedPortsOfSurge({ ports, updateStrategy }: AgentServiceSpec): Issue[] {
  const fixed = ports?.find(({ port }) => port !== 0)
  if (fixed === undefined || !isRolling(updateStrategy) || (updateStrategy?.maxSurge ?? 0) === 0) return []
  return [
    issue(
      ['spec', 'updateStrategy', 'maxSurge'],
      `must be 0 while spec.ports has a fixed port: the extra replica cannot share port ${String(fixed.port)}`,
    ),
  ]
}

function updateThatReplacesNothing({ updateStrategy }: AgentServiceSpec): Issue[] {
  const { maxUnavailable, maxSurge = 0 } = updateStrategy ?? {}
  if (!isRolling(updateStrategy) || maxUnavailable !== 0 || maxSurge !== 0) return []
  return [
    issue(
      ['spec', 'updateStrategy', 'maxUnavailable'],
      'must be over 0 when maxSurge is 0: no replica could ever be replaced',
    ),
  ]
}

/** Recreate stops all replicas first, whatever the numbers say. */
function isRolling(strategy: AgentServiceSpec['updateStrategy']): boolean {
  return strategy?.type !== 'Recreate'
}

function reservedVariables(spec: AgentServiceSpec): Issue[] {
  return (spec.env ?? []).flatMap(({ name }, index) =>
    name.startsWith('ORC_') || name === 'NOTIFY_SOCKET'
      ? [issue(['spec', 'env', index, 'name'], `${JSON.stringify(name)} is set by orc; choose another name`)]
      : [],
  )
}

function fieldPaths(spec: AgentServiceSpec): Issue[] {
  return (spec.env ?? []).flatMap(({ valueFrom }, index) => {
    const text = valueFrom?.fieldRef?.fieldPath
    if (text === undefined || parseFieldPath(text) !== undefined) return []
    const message = `${JSON.stringify(text)} is not known; there are ${FIELD_PATHS.join(', ')}`
    return [issue(['spec', 'env', index, 'valueFrom', 'fieldRef', 'fieldPath'], message)]
  })
}

/** Objects without a directory of their own are not among them: of equal keys the later entry counts. */
function fileNames({ files = [] }: AgentServiceSpec): Issue[] {
  return files.flatMap(({ name }, index) => {
    const earlier = files.findIndex((other) => other.name === name)
    return name === undefined || earlier === index
      ? []
      : [
          issue(
            ['spec', 'files', index, 'name'],
            `${JSON.stringify(name)} is already used by ${fieldName(['spec', 'files', earlier])}`,
          ),
        ]
  })
}

function probePorts(spec: AgentServiceSpec): Issue[] {
  const names = (spec.ports ?? []).map(({ name }) => name)
  const probes = {
    startupProbe: spec.startupProbe,
    readinessProbe: spec.readinessProbe,
    livenessProbe: spec.livenessProbe,
  }
  return Object.entries(probes).flatMap(([field, probe]) =>
    portsOf(probe).flatMap(([action, port]) =>
      typeof port === 'string' && !names.includes(port)
        ? [
            issue(
              ['spec', field, action, 'port'],
              `no port is named ${JSON.stringify(port)}; spec.ports has ${names.join(', ') || 'none'}`,
            ),
          ]
        : [],
    ),
  )
}

function requestsOverLimits({ resources }: AgentServiceSpec): Issue[] {
  const { requests, limits } = resources ?? {}
  return (['cpu', 'memory'] as const).flatMap((resource) => {
    const [asked, most] = [requests?.[resource], limits?.[resource]]
    if (asked === undefined || most === undefined) return []
    return (parseQuantity(asked) ?? 0) <= (parseQuantity(most) ?? Infinity)
      ? []
      : [issue(['spec', 'resources', 'requests', resource], `must be at most the limit, which is ${String(most)}`)]
  })
}

function portsOf(probe: Probe | undefined): [action: string, port: number | string][] {
  const found: [string, number | string][] = []
  if (probe?.httpGet) found.push(['httpGet', probe.httpGet.port])
  if (probe?.tcpSocket) found.push(['tcpSocket', probe.tcpSocket.port])
  return found
}

/** An argv or an environment cannot carry NUL. */
function findNul(value: unknown, path: Path): Path | undefined {
  if (typeof value === 'string') return value.includes('\0') ? path : undefined
  if (value === null || typeof value !== 'object') return undefined
  for (const [key, child] of Object.entries(value)) {
    const found = findNul(child, [...path, Array.isArray(value) ? Number(key) : key])
    if (found !== undefined) return found
  }
  return undefined
}
