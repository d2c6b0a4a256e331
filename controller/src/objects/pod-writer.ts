/** Deletes pods: notes down that one is to end. That is all that can be written of a pod; its service says the rest. */
import {
  DEFAULT_NAMESPACE,
  keyOf,
  ORDINAL_LABEL,
  SERVICE_LABEL,
  splitKey,
  type AgentService,
  type Key,
  type Pod,
} from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import type { Clock } from '../clock.ts'
import { Mutex } from '../mutex.ts'
import type { DeleteOptions, ObjectWriter, WriteRefusal, WriteResult } from '../ports/object-writer.ts'
import type { PodDeletions, PodMark } from './pod-deletions.ts'

export interface PodWriterOptions {
  readonly cache: Cache
  readonly deletions: PodDeletions
  readonly clock: Clock
  /** A pod of this service was deleted. */
  readonly onDeletion: (service: Key) => void
}

const USUAL_GRACE_SECONDS = 30

export class PodWriter implements ObjectWriter {
  readonly #options: PodWriterOptions
  readonly #mutex = new Mutex()

  constructor(options: PodWriterOptions) {
    this.#options = options
  }

  create(): Promise<WriteResult> {
    return Promise.resolve(no('Forbidden', 'pods come from services; declare an AgentService'))
  }

  update(): Promise<WriteResult> {
    return Promise.resolve(no('Forbidden', 'pods come from services; change the AgentService'))
  }

  delete(key: Key, options: DeleteOptions = {}): Promise<WriteResult> {
    const { cache, deletions, onDeletion } = this.#options
    return this.#mutex.run(async () => {
      const pod = cache.get<Pod>(key)
      if (pod === undefined) return no('NotFound', `pods ${JSON.stringify(splitKey(key).name)} not found`)
      const refusal = options.check?.(pod)
      if (refusal !== undefined) return { ok: false, refusal }
      const mark = this.#markOf(pod, options.gracePeriodSeconds)
      if (options.dryRun === true) return shown(pod, mark)
      if (deletions.get(mark) !== mark) await deletions.save(mark)
      onDeletion(keyOf('AgentService', mark.namespace, mark.service))
      // While it was written, the pod may have ended by itself, and another one be there.
      const current = cache.get<Pod>(key)
      if (current?.metadata.uid !== mark.uid) return shown(pod, mark)
      const result = shown(current, mark)
      return { ...result, object: cache.put(result.object) }
    })
  }

  /** The mark that is there, unless this one gives less time. */
  #markOf({ metadata, status }: Pod, askedSeconds: number | undefined): PodMark {
    const { name, namespace = DEFAULT_NAMESPACE, uid = '', labels = {}, ownerReferences = [] } = metadata
    const service = labels[SERVICE_LABEL] ?? ''
    const gracePeriodSeconds = askedSeconds ?? this.#usualSeconds(namespace, service)
    const known = this.#options.deletions.get({ namespace, name })
    if (known?.uid === uid && known.gracePeriodSeconds <= gracePeriodSeconds) return known
    const [owner] = ownerReferences as { uid?: string }[]
    return {
      namespace,
      name,
      uid,
      service,
      serviceUid: owner?.uid ?? '',
      ordinal: Number(labels[ORDINAL_LABEL]),
      incarnation: status.orc.incarnation ?? 1,
      deletionTimestamp: new Date(this.#options.clock.wallMs() + gracePeriodSeconds * 1000).toISOString(),
      gracePeriodSeconds,
    }
  }

  #usualSeconds(namespace: string, service: string): number {
    const declared = this.#options.cache.get<AgentService>(keyOf('AgentService', namespace, service))
    return declared?.spec.terminationGracePeriodSeconds ?? USUAL_GRACE_SECONDS
  }
}

function shown(pod: Pod, { deletionTimestamp, gracePeriodSeconds }: PodMark): { ok: true; object: Pod; warnings: [] } {
  const metadata = { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: gracePeriodSeconds }
  return { ok: true, object: { ...pod, metadata }, warnings: [] }
}

function no(reason: Exclude<WriteRefusal['reason'], 'Invalid'>, message: string): WriteResult {
  return { ok: false, refusal: { reason, message } }
}
