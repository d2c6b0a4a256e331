/** The files that a service is handed: keys of the ConfigMaps and Secrets that it mentions, by their paths. Pure. */
import { keyOf, type AcceptedSpec, type ConfigMap, type Secret } from '@orc/schemas'
import type { HandedFile } from '../runtime/runtime.ts'
import { missing, type Lookup } from './environment.ts'

export type Files =
  | { readonly ok: true; readonly files: readonly HandedFile[] }
  | { readonly ok: false; readonly reason: 'ReferenceNotFound' | 'StartFailed'; readonly message: string }

type Source = NonNullable<AcceptedSpec['files']>[number]

const MOST_FILES = 1000
const MOST_BYTES = 1024 * 1024

/** Later entries win, name by name; a directory takes the place of a file of its name and the other way round. */
export function resolveFiles(spec: AcceptedSpec, namespace: string, objects: Lookup): Files {
  const byName = new Map<string, readonly HandedFile[]>()
  for (const source of spec.files ?? []) {
    const { kind, name, key, optional } = referenceOf(source)
    const values = bytesOf(objects.get(keyOf(kind, namespace, name)))
    const isThere = values !== undefined && (key === undefined || values.has(key))
    if (!isThere && optional !== true) {
      const what = values === undefined ? `The ${kind} ${name}` : `The key ${String(key)} of the ${kind} ${name}`
      return { reason: 'ReferenceNotFound', ...missing(`${what} (files)`, namespace) }
    }
    if (isThere) for (const [top, files] of filesOf(source, values, key)) byName.set(top, files)
  }
  const files = [...byName.values()].flat()
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0)
  if (files.length <= MOST_FILES && bytes <= MOST_BYTES) return { ok: true, files }
  const message = `spec.files are ${String(files.length)} files of ${String(bytes)} bytes together; at most ${String(MOST_FILES)} of ${String(MOST_BYTES)} bytes may be handed over.`
  return { ok: false, reason: 'StartFailed', message }
}

function referenceOf({ configMapKeyRef, secretKeyRef, configMapRef, secretRef }: Source): {
  readonly kind: 'ConfigMap' | 'Secret'
  readonly name: string
  readonly key?: string
  readonly optional?: boolean
} {
  const kind = configMapKeyRef === undefined && configMapRef === undefined ? 'Secret' : 'ConfigMap'
  return { kind, name: '', ...(configMapKeyRef ?? secretKeyRef ?? configMapRef ?? secretRef) }
}

/** By the name that they stand under in the directory. */
function filesOf(
  { name, mode = '0400' }: Source,
  values: ReadonlyMap<string, Buffer>,
  key: string | undefined,
): [string, readonly HandedFile[]][] {
  const fileOf = (path: string, content: Buffer): HandedFile => ({ path, content, mode: Number.parseInt(mode, 8) })
  if (key !== undefined && name !== undefined) return [[name, [fileOf(name, values.get(key) ?? Buffer.alloc(0))]]]
  // As with variables, a key that cannot be a name is passed over.
  const named = [...values].filter(([file]) => file !== '.' && !file.startsWith('..') && !file.includes('/'))
  if (name === undefined) return named.map(([file, content]) => [file, [fileOf(file, content)]])
  return [[name, named.map(([file, content]) => fileOf(`${name}/${file}`, content))]]
}

function bytesOf(object: ConfigMap | Secret | undefined): ReadonlyMap<string, Buffer> | undefined {
  if (object === undefined) return undefined
  const texts = object.kind === 'ConfigMap' ? object.data : object.stringData
  const encoded = object.kind === 'ConfigMap' ? object.binaryData : object.data
  return new Map([
    ...Object.entries(encoded ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')] as const),
    ...Object.entries(texts ?? {}).map(([key, value]) => [key, Buffer.from(value)] as const),
  ])
}
