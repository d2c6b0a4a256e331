/** The part of manager.ts that joins what remembers: history, the recorder of events and the narrator of services. */
import { keyOf, type AgentService, type Key } from '@orc/schemas'
import type { Cache } from './cache/cache.ts'
import type { Clock } from './clock.ts'
import { tellOfManifests } from './events/manifest-events.ts'
import { MOST_PER_NAMESPACE, Recorder, SHOWN_MS } from './events/recorder.ts'
import { History } from './history/history.ts'
import type { Log } from './log.ts'
import { ServiceSampler } from './metrics/service-sampler.ts'
import { isLive } from './plan/world.ts'
import type { AnswerTimes } from './ports/history.ts'
import type { Samples } from './ports/samples.ts'
import { Narrator } from './reconcile/narrator.ts'
import { podName, podUid } from './reconcile/pod.ts'
import { serviceStateOf } from './reconcile/service-state.ts'
import type { ObservedRun, Runtime, ServiceRef } from './runtime/runtime.ts'

export interface MemoryOptions {
  /** Of history. */
  readonly file: string
  readonly cache: Cache
  readonly clock: Clock
  readonly log: Log
}

export class Memory {
  readonly history: History
  readonly narrator: Narrator
  readonly #recorder: Recorder
  readonly #cache: Cache
  readonly #clock: Clock
  #unfollow: () => void = () => undefined
  #endSamples: () => void = () => undefined

  constructor({ file, cache, clock, log }: MemoryOptions) {
    this.#cache = cache
    this.#clock = clock
    this.history = new History({ file, clock, log })
    this.history.open()
    this.#recorder = new Recorder({ cache, clock, log: this.history })
    this.narrator = new Narrator({
      record: (occurrence) => {
        this.#recorder.record(occurrence)
      },
      runs: this.history,
    })
  }

  /** What was told lately is told on, and what happened while nobody watched is told now. */
  async recall(runtime: Pick<Runtime, 'observe'> & { services(): readonly ServiceRef[] }): Promise<void> {
    const slots = runtime.services().flatMap((service) => runtime.observe(service))
    const ended = slots.flatMap(({ runs }) => runs).filter((run) => !isLive(run))
    const [events, remembered] = await Promise.all([
      this.history.events(this.#clock.wallMs() - SHOWN_MS, 4 * MOST_PER_NAMESPACE),
      this.history.knownRuns(ended.map(({ record }) => record.runId)),
    ])
    this.#recorder.load(events)
    this.narrator.begin(remembered)
  }

  /** Tells of files from now on. What was told before must have been recalled. */
  follow(): void {
    this.#unfollow = tellOfManifests(this.#cache, (occurrence) => {
      this.#recorder.record(occurrence)
    })
  }

  /** Keeps how all services stand and what they use, from now on. */
  sample(usage: Samples, takeTimes: (service: Key) => AnswerTimes): void {
    const sampler = new ServiceSampler({
      clock: this.#clock,
      services: () => this.#cache.list<AgentService>('AgentService').map(serviceStateOf),
      usage,
      takeAnswerTimes: (namespace, name) => takeTimes(keyOf('AgentService', namespace, name)),
      log: this.history,
    })
    sampler.start()
    this.#endSamples = () => {
      sampler.close()
    }
  }

  /** A run writes faster than its log can be kept. The same words each time, so that one event counts. */
  readonly tellOfLogs = ({ ref, record }: ObservedRun): void => {
    const { namespace, uid, ordinal } = ref
    this.#recorder.record({
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        namespace,
        name: podName(ref.name, ordinal),
        uid: podUid(uid, ordinal, record.incarnation),
      },
      type: 'Warning',
      reason: 'LogsDropped',
      message:
        'It writes faster than its log can be kept: older lines were thrown away. status.orc.logBytesDropped counts.',
    })
  }

  async close(): Promise<void> {
    this.#unfollow()
    this.#endSamples()
    this.#recorder.close()
    await this.history.close()
  }
}
