/** What a run is handed at its start and later: its environment and its files, from its spec and what this mentions. */
import { keyOf, type AcceptedSpec, type AgentService } from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import type { HandedFile, ObservedRun, SlotRef } from '../runtime/runtime.ts'
import { resolveEnvironment, type Environment, type EnvironmentRequest } from './environment.ts'
import { resolveFiles, type Files } from './files.ts'
import { metadataOfPod } from './pod.ts'

export type Handed =
  | {
      readonly ok: true
      readonly env: Readonly<Record<string, string>>
      /** Absent where the spec has none; a spec that has some may find nothing for them. */
      readonly files?: readonly HandedFile[]
    }
  | { readonly ok: false; readonly reason: 'ReferenceNotFound' | 'StartFailed'; readonly message: string }

/** Which life of a replica it is. */
export interface Life {
  readonly slot: SlotRef
  readonly incarnation: number
  readonly revision: string
}

export function lifeOf({ ref, record }: ObservedRun): Life {
  return { slot: ref, incarnation: record.incarnation, revision: record.revision }
}

export class Handout {
  readonly #cache: Cache
  readonly #inherited: Readonly<Record<string, string | undefined>>

  /** `inherited` = the controller's own environment. */
  constructor(cache: Cache, inherited: Readonly<Record<string, string | undefined>>) {
    this.#cache = cache
    this.#inherited = inherited
  }

  of(spec: AcceptedSpec, life: Life): Handed {
    const environment = this.environmentOf(spec, life)
    if (!environment.ok) return { ok: false, reason: 'ReferenceNotFound', message: environment.message }
    const found = this.filesOf(spec, life.slot.namespace)
    if (!found.ok) return found
    return { ok: true, env: environment.env, ...(spec.files !== undefined && { files: found.files }) }
  }

  environmentOf(spec: EnvironmentRequest['spec'], { slot, ...life }: Life): Environment {
    const { namespace, name, uid, ordinal } = slot
    const known = this.#cache.get<AgentService>(keyOf('AgentService', namespace, name))
    const pod = metadataOfPod(known ?? { metadata: { name, namespace, uid } }, { ...life, ordinal })
    const inherited = this.#inherited
    return resolveEnvironment({ spec, namespace, service: name, ordinal, pod, inherited }, this.#cache)
  }

  filesOf(spec: AcceptedSpec, namespace: string): Files {
    return resolveFiles(spec, namespace, this.#cache)
  }
}
