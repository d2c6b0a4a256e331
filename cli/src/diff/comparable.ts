/** An object as the text that is compared: what is declared, and of a Secret not its values. Pure. */
import { withoutServerFields, type KubeObject, type Secret } from '@orc/schemas'
import { toYaml } from '../yaml.ts'

export interface Compared {
  /** The file name that kubectl gives it: `orc.dev.v1alpha1.AgentService.default.web`. */
  readonly name: string
  /** Empty when there is no such object. */
  readonly live: string
  readonly merged: string
}

export function compared(live: KubeObject | undefined, merged: KubeObject): Compared {
  const { apiVersion, kind, metadata } = merged
  const parts = [apiVersion.replace('/', '.'), kind, metadata.namespace ?? '', metadata.name]
  const before = live === undefined ? undefined : declared(masked(live, merged, 'before'))
  return {
    name: parts.filter((part) => part !== '').join('.'),
    live: before === undefined ? '' : toYaml(before),
    merged: toYaml(orderedLike(before, declared(masked(merged, live, 'after')))),
  }
}

function declared(object: KubeObject): unknown {
  const { metadata, ...rest } = withoutServerFields(object as unknown as Record<string, unknown>)
  const isEmpty = (value: unknown): boolean => JSON.stringify(value) === '{}'
  const entries = Object.entries(metadata as object).filter(([, value]) => !isEmpty(value))
  return orderedLike({ apiVersion: '', kind: '', metadata: {} }, { ...rest, metadata: Object.fromEntries(entries) })
}

/** The order of keys says nothing, so it must not be a difference: that of the model, then what it has not. */
function orderedLike(model: unknown, value: unknown): unknown {
  if (Array.isArray(value))
    return value.map((item, at) => orderedLike(Array.isArray(model) ? (model[at] as unknown) : undefined, item))
  if (!isObject(value)) return value
  const like = isObject(model) ? model : {}
  const keys = [...Object.keys(like).filter((key) => Object.hasOwn(value, key)), ...Object.keys(value)]
  return Object.fromEntries([...new Set(keys)].map((key) => [key, orderedLike(like[key], value[key])]))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** Whether a value differs must be seen, the value not. */
function masked(object: KubeObject, other: KubeObject | undefined, when: 'before' | 'after'): KubeObject {
  if (object.kind !== 'Secret') return object
  const { stringData: _, ...secret } = object as Secret
  const { data: otherData = {} } = (other ?? {}) as Partial<Secret>
  const { [LAST_APPLIED]: __, ...annotations } = secret.metadata.annotations ?? {}
  const mask = ([key, value]: readonly [string, string]): readonly [string, string] => {
    const isOther = otherData[key] !== undefined && otherData[key] !== value
    return [key, isOther ? `*** (${when})` : '***']
  }
  return {
    ...secret,
    metadata: { ...secret.metadata, annotations },
    ...(secret.data !== undefined && { data: Object.fromEntries(Object.entries(secret.data).map(mask)) }),
  }
}
