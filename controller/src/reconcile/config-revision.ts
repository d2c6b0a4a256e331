/** A fingerprint of the ConfigMaps and Secrets that a spec mentions: it differs when their content does, and tells none of it. */
import { createHmac } from 'node:crypto'
import { referencesOf, type AcceptedSpec, type ConfigMap, type Secret } from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import { resolveFiles } from './files.ts'

interface Known {
  readonly versions: string
  readonly revision: string
  readonly isWhole: boolean
}

export class ConfigRevisions {
  readonly #cache: Cache
  readonly #secret: string
  /** By spec: the versions that were looked at, and what came of them. */
  readonly #known = new WeakMap<AcceptedSpec, Known>()

  /** `secret` keeps others from guessing a value and comparing. */
  constructor(cache: Cache, secret: string) {
    this.#cache = cache
    this.#secret = secret
  }

  /** 16 hexadecimal digits; '' for a spec that mentions nothing. */
  of(spec: AcceptedSpec, namespace: string): string {
    return this.#look(spec, namespace)?.revision ?? ''
  }

  /** The same where all that its files need is there; undefined for a spec that mentions nothing. */
  ofWhole(spec: AcceptedSpec, namespace: string): string | undefined {
    const known = this.#look(spec, namespace)
    return known?.isWhole === true ? known.revision : undefined
  }

  #look(spec: AcceptedSpec, namespace: string): Known | undefined {
    const keys = [...referencesOf(spec, namespace)].toSorted()
    if (keys.length === 0) return undefined
    const objects = keys.map((key) => this.#cache.get<ConfigMap | Secret>(key))
    const versions = objects.map((object) => object?.metadata.resourceVersion ?? '').join()
    const known = this.#known.get(spec)
    if (known?.versions === versions) return known
    const content = objects.map((object, index) => [keys[index], contentOf(object)])
    const revision = createHmac('sha256', this.#secret).update(JSON.stringify(content)).digest('hex').slice(0, 16)
    const fresh = { versions, revision, isWhole: resolveFiles(spec, namespace, this.#cache).ok }
    this.#known.set(spec, fresh)
    return fresh
  }
}

/** Labels and the like are not handed to anybody. */
function contentOf(object: ConfigMap | Secret | undefined): unknown {
  if (object === undefined) return null
  const fields: Record<string, string>[] = [
    object.data ?? {},
    object.kind === 'Secret' ? (object.stringData ?? {}) : (object.binaryData ?? {}),
  ]
  return fields.map((field) => Object.entries(field).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
