/** What a file declares, or all that is wrong with it, each with its place. Pure. */
import {
  decode,
  DEFAULT_NAMESPACE,
  findResource,
  formatLocated,
  withoutServerFields,
  type KubeObject,
} from '@orc/schemas'
import type { Source } from './source.ts'

export interface Checked {
  readonly source: Source
  /** As written, with the namespace where the kind lives in one. Empty when there are errors. */
  readonly objects: readonly KubeObject[]
  /** `file:line:column: sentence`. */
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
}

/** `namespace`: of objects that name none; one that names another is an error. */
export function checkSource(source: Source, namespace: string | undefined): Checked {
  const { documents, errors } = decode(source.text)
  const found = [...errors, ...documents.flatMap((document) => document.errors)]
  const strangers = documents.flatMap(({ raw, line }) => namespaceErrors(raw, line, namespace))
  const all = [...found, ...strangers].map((error) => formatLocated(source.name, error))
  return {
    source,
    objects: all.length > 0 ? [] : documents.map(({ raw }) => objectOf(raw, namespace)),
    errors: documents.length === 0 && all.length === 0 ? [`${source.name}: there is no object in it`] : all,
    warnings: documents.flatMap((document) => document.warnings).map((warning) => formatLocated(source.name, warning)),
  }
}

function namespaceErrors(raw: unknown, line: number, namespace: string | undefined) {
  const own = (raw as Partial<KubeObject> | null)?.metadata?.namespace
  if (namespace === undefined || own === undefined || own === namespace) return []
  return [{ line, column: 1, message: `the object is for namespace ${own}, which is not that of -n ${namespace}` }]
}

function objectOf(raw: unknown, namespace = DEFAULT_NAMESPACE): KubeObject {
  const object = withoutServerFields(raw as Record<string, unknown>) as unknown as KubeObject
  if (findResource(object.kind)?.namespaced === false) return object
  const own = (raw as KubeObject).metadata.namespace
  return { ...object, metadata: { ...object.metadata, namespace: own ?? namespace } }
}
