/** The ConfigMaps and Secrets that a service mentions: what it is handed is made of them. */
import type { AgentServiceSpec } from './generated/index.ts'
import { keyOf, type Key } from './resource.ts'

export function referencesOf(spec: AgentServiceSpec, namespace: string): Set<Key> {
  const sources = [
    ...(spec.envFrom ?? []),
    ...(spec.env ?? []).map(({ valueFrom }) => valueFrom),
    ...(spec.files ?? []),
  ]
  return new Set(
    sources.flatMap((source) => {
      const { configMapRef, configMapKeyRef, secretRef, secretKeyRef }: Source = source ?? {}
      const named = { ConfigMap: configMapRef ?? configMapKeyRef, Secret: secretRef ?? secretKeyRef }
      return Object.entries(named).flatMap(([kind, object]) =>
        object === undefined ? [] : [keyOf(kind, namespace, object.name)],
      )
    }),
  )
}

type Source = Partial<
  Record<'configMapRef' | 'configMapKeyRef' | 'secretRef' | 'secretKeyRef', { readonly name: string }>
>
