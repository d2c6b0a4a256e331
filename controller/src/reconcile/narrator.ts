/** Keeps in mind what was told of each service, and hands on what is new: events, and runs that ended. */
import { apiVersionOf, RESOURCES, splitKey, type InvolvedObject, type Key } from '@orc/schemas'
import type { Occurrence } from '../events/recorder.ts'
import { tell, type Told } from '../plan/happenings.ts'
import type { Happening, Pass } from '../plan/happening.ts'
import type { RunLog, RunRow } from '../ports/history.ts'
import type { ObservedRun } from '../runtime/runtime.ts'
import { podName, podUid } from './pod.ts'

export interface NarratorOptions {
  record(occurrence: Occurrence): void
  readonly runs: RunLog
}

export class Narrator {
  readonly #options: NarratorOptions
  readonly #told = new Map<Key, Told>()
  #remembered: ReadonlySet<string> = new Set()

  constructor(options: NarratorOptions) {
    this.#options = options
  }

  /** Runs whose end an earlier controller told; whatever else has ended is told now. */
  begin(remembered: Iterable<string>): void {
    this.#remembered = new Set(remembered)
  }

  /**
   * `uid` of the service as it is now; '' when it is not declared. Returns when to look again at the latest, above 0,
   * although nothing may happen until then.
   */
  tell(key: Key, uid: string, pass: Omit<Pass, 'remembered'>): number | undefined {
    const { happenings, ended, told, lookAgainInMs } = tell(this.#told.get(key), {
      ...pass,
      remembered: this.#remembered,
    })
    const isGone = pass.world.accepted === undefined && pass.world.slots.length === 0
    if (isGone) this.#told.delete(key)
    else this.#told.set(key, told)
    for (const run of ended) this.#options.runs.recordRun(rowOf(run))
    for (const happening of happenings)
      this.#options.record({
        object: objectOf(key, uid, happening),
        type: happening.type,
        reason: happening.reason,
        message: happening.message,
        ...(happening.at !== undefined && { atMs: Date.parse(happening.at) }),
      })
    return lookAgainInMs
  }
}

function objectOf(key: Key, uid: string, { replica }: Happening): InvolvedObject {
  const { namespace, name } = splitKey(key)
  if (replica === undefined)
    return { apiVersion: apiVersionOf(RESOURCES.agentservices), kind: 'AgentService', namespace, name, uid }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    namespace,
    name: podName(name, replica.ordinal),
    uid: podUid(replica.uid, replica.ordinal, replica.incarnation),
  }
}

function rowOf({ ref, record, end }: ObservedRun): RunRow {
  if (end === undefined) throw new Error('a run that has not ended is no history')
  return {
    runId: record.runId,
    namespace: ref.namespace,
    service: ref.name,
    uid: ref.uid,
    ordinal: ref.ordinal,
    seq: ref.seq,
    incarnation: record.incarnation,
    revision: record.revision,
    exitCode: end.exitCode,
    ...(end.signal !== undefined && { signal: end.signal }),
    reason: end.reason,
    startedAtMs: Date.parse(record.startedAt),
    finishedAtMs: Date.parse(end.finishedAt),
    ...(end.message !== undefined && { lastLines: end.message }),
  }
}
