/** What all objects have in common: their shape, their names and their identity. */
import type { AgentService, ConfigMap, Namespace, ObjectMeta, Secret } from './generated/index.ts'

export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

/** A kind whose objects people declare. */
export type Declared = AgentService | ConfigMap | Secret | Namespace

/** `<kind>/<namespace>/<name>`; names hold no slash, so it can be taken apart again. */
export type Key = string

export const DEFAULT_NAMESPACE = 'default'

export function keyOf(kind: string, namespace: string, name: string): Key {
  return `${kind}/${namespace}/${name}`
}

export function keyOfObject(object: KubeObject): Key {
  return keyOf(object.kind, object.metadata.namespace ?? DEFAULT_NAMESPACE, object.metadata.name)
}

export function splitKey(key: Key): { kind: string; namespace: string; name: string } {
  const [kind = '', namespace = '', name = ''] = key.split('/')
  return { kind, namespace, name }
}
