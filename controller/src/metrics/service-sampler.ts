/** Looks at all services together every 10 s, at the full tens of the wall clock, and hands on what it saw. */
import type { Clock } from '../clock.ts'
import type { AnswerTimes, SampleLog, ServiceSample } from '../ports/history.ts'
import type { Sample, Samples } from '../ports/samples.ts'

export interface ServiceState {
  readonly namespace: string
  readonly service: string
  readonly uid: string
  readonly wantedReplicas: number
  readonly readyReplicas: number
  readonly liveReplicas: number
  /** Rises with each restart; begins anew with a new pod. */
  readonly restartCount: number
}

export interface ServiceSamplerOptions {
  readonly clock: Clock
  readonly services: () => readonly ServiceState[]
  readonly usage: Samples
  /** Of the probes of a service that passed since this was asked last. */
  readonly takeAnswerTimes: (namespace: string, service: string) => AnswerTimes
  readonly log: SampleLog
}

const PERIOD_MS = 10_000

export class ServiceSampler {
  readonly #options: ServiceSamplerOptions
  /** By uid, of the look before. */
  #restartCounts = new Map<string, number>()
  #cancel: (() => void) | undefined

  constructor(options: ServiceSamplerOptions) {
    this.#options = options
  }

  start(): void {
    const { clock } = this.#options
    this.#cancel = clock.setTimer(PERIOD_MS - (clock.wallMs() % PERIOD_MS), () => {
      this.#look()
      this.start()
    })
  }

  close(): void {
    this.#cancel?.()
  }

  #look(): void {
    const { clock, services, usage, log } = this.#options
    const used = byService(usage.latest())
    const states = services()
    const samples = states.map((state) => this.#sampleOf(state, used.get(`${state.namespace}/${state.service}`) ?? []))
    this.#restartCounts = new Map(states.map(({ uid, restartCount }) => [uid, restartCount]))
    if (samples.length > 0) log.recordSamples(clock.wallMs(), samples)
  }

  #sampleOf(state: ServiceState, used: readonly Sample[]): ServiceSample {
    const { namespace, service, uid, wantedReplicas, readyReplicas, liveReplicas, restartCount } = state
    const before = this.#restartCounts.get(uid) ?? restartCount
    const answers = this.#options.takeAnswerTimes(namespace, service)
    return {
      ...{ namespace, service, uid, wantedReplicas },
      // A surge is not more than all.
      readyReplicas: Math.min(readyReplicas, wantedReplicas),
      restarts: Math.max(0, restartCount - before),
      ...((used.length > 0 || liveReplicas === 0) && { usage: usageOf(used) }),
      ...(answers.count > 0 && { answers }),
    }
  }
}

function byService(samples: readonly Sample[]): Map<string, Sample[]> {
  const groups = new Map<string, Sample[]>()
  for (const sample of samples) {
    const key = `${sample.namespace}/${sample.service}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [sample])
    else group.push(sample)
  }
  return groups
}

function usageOf(used: readonly Sample[]): NonNullable<ServiceSample['usage']> {
  const sum = (value: (sample: Sample) => number): number => used.reduce((total, sample) => total + value(sample), 0)
  return {
    cpuCores: sum(({ cpu }) => cpu),
    memoryBytes: sum(({ memory }) => memory),
    processes: sum(({ processes }) => processes),
  }
}
