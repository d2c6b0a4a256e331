/** The environment of a service: what it declares and what it may inherit, and nothing else. */
import { keyOf, parseFieldPath, type AcceptedSpec, type ConfigMap, type Key, type Secret } from '@orc/schemas'
import type { PodMetadata } from './pod.ts'

export type Environment =
  | { readonly ok: true; readonly env: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly message: string }

export interface Lookup {
  get<T extends ConfigMap | Secret>(key: Key): T | undefined
}

export interface EnvironmentRequest {
  readonly spec: Pick<AcceptedSpec, 'env' | 'envFrom' | 'inheritEnv'>
  readonly namespace: string
  readonly service: string
  readonly ordinal: number
  /** What `fieldRef` reads. */
  readonly pod: PodMetadata
  /** The controller's own environment, of which `inheritEnv` is taken over. */
  readonly inherited: Readonly<Record<string, string | undefined>>
}

/** Later sources win: inheritEnv, envFrom, env; orc's own variables last. */
export function resolveEnvironment(request: EnvironmentRequest, objects: Lookup): Environment {
  const { spec, namespace, inherited } = request
  const env: Record<string, string> = { PYTHONUNBUFFERED: '1' }
  for (const name of spec.inheritEnv) if (inherited[name] !== undefined) env[name] = inherited[name]
  for (const source of spec.envFrom) {
    const [kind, reference] =
      source.configMapRef === undefined
        ? (['Secret', source.secretRef] as const)
        : (['ConfigMap', source.configMapRef] as const)
    if (reference === undefined) continue
    const values = valuesOf(objects.get(keyOf(kind, namespace, reference.name)))
    if (values === undefined && reference.optional !== true)
      return missing(`The ${kind} ${reference.name} (envFrom)`, namespace)
    // As in Kubernetes, a key that is no variable name is passed over.
    for (const [key, value] of Object.entries(values ?? {}))
      if (isVariable(key)) env[(source.prefix ?? '') + key] = value
  }
  for (const variable of spec.env) {
    const problem = addVariable(env, variable, request, objects)
    if (problem !== undefined) return problem
  }
  return {
    ok: true,
    env: { ...env, ORC_NAMESPACE: namespace, ORC_SERVICE: request.service, ORC_REPLICA: String(request.ordinal) },
  }
}

function addVariable(
  env: Record<string, string>,
  { name, value, valueFrom }: AcceptedSpec['env'][number],
  { namespace, pod }: EnvironmentRequest,
  objects: Lookup,
): Environment | undefined {
  if (valueFrom === undefined) {
    env[name] = value ?? ''
    return undefined
  }
  if (valueFrom.fieldRef !== undefined) {
    env[name] = fieldOf(pod, valueFrom.fieldRef.fieldPath)
    return undefined
  }
  const kind = valueFrom.configMapKeyRef === undefined ? 'Secret' : 'ConfigMap'
  const selector = valueFrom.configMapKeyRef ?? valueFrom.secretKeyRef
  if (selector === undefined) return undefined
  const values = valuesOf(objects.get(keyOf(kind, namespace, selector.name)))
  const found = values?.[selector.key]
  if (found !== undefined) env[name] = found
  else if (selector.optional !== true)
    return missing(
      `${values === undefined ? `The ${kind} ${selector.name}` : `The key ${selector.key} of the ${kind} ${selector.name}`} (env ${name})`,
      namespace,
    )
  return undefined
}

/** As in Kubernetes, a label or annotation that is not there is empty. */
function fieldOf(pod: PodMetadata, fieldPath: string): string {
  const path = parseFieldPath(fieldPath)
  if (path === undefined) return ''
  return 'key' in path ? (pod[path.field]?.[path.key] ?? '') : (pod[path.field] ?? '')
}

export function missing(what: string, namespace: string): { readonly ok: false; readonly message: string } {
  return {
    ok: false,
    message: `${what} does not exist in namespace ${namespace}. Create it, or mark the reference optional.`,
  }
}

function isVariable(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
}

function valuesOf(object: ConfigMap | Secret | undefined): Record<string, string> | undefined {
  if (object === undefined) return undefined
  if (object.kind === 'ConfigMap') return { ...object.data }
  const decoded = Object.entries(object.data ?? {}).map(([key, value]) => [
    key,
    Buffer.from(value, 'base64').toString('utf8'),
  ])
  return { ...(Object.fromEntries(decoded) as Record<string, string>), ...object.stringData }
}
