/** What every object has at its head. Pure. */
import type { KubeObject } from '@orc/schemas'
import { ageOf } from '../printers/age.ts'
import type { Fields } from '../printers/fields.ts'

/** Holds the whole object a second time, values of Secrets included. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

export function metadataFields({ kind, metadata }: KubeObject, nowMs: number): Fields {
  const { name, namespace, labels, annotations, creationTimestamp } = metadata
  return [
    ['Name', name],
    ['Namespace', kind === 'Manifest' ? undefined : namespace],
    ['Labels', pairs(labels)],
    ['Annotations', pairs(annotations).filter((pair) => !pair.startsWith(`${LAST_APPLIED}=`))],
    ['Created', creationTimestamp ? `${creationTimestamp} (${ageOf(creationTimestamp, nowMs)} ago)` : undefined],
  ]
}

function pairs(values: Readonly<Record<string, string>> | undefined): string[] {
  return Object.entries(values ?? {}).map(([key, value]) => `${key}=${value}`)
}
