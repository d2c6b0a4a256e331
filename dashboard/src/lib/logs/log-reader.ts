/** Reads the logs of replicas and goes on with what comes, also after a restart of the controller. */
import { keyOfObject, type Pod } from '@orc/schemas'
import { ApiError, hasStarted, LogFollower, splitStamp } from '@orc/sdk/client'
import type { LogOptions, OrcClient, StampedLine } from '@orc/sdk/client'
import { serviceKeyOf } from '../service-view.ts'
import type { LogLine, LogSource } from './line-store.ts'
import { marksOf } from './marks.ts'

export interface LogReaderOptions {
  readonly client: OrcClient
  readonly options: LogOptions
  /** Also the run before the present one. */
  readonly hasPrevious: boolean
}

export interface LineSink {
  /** Who reads waits for it. */
  push(lines: readonly LogLine[]): Promise<void>
  fail(problem: string): void
}

/** A browser has six connections to a server, for all its tabs: so many are kept open, other logs are looked at again. */
const MOST_STREAMS = 2
const POLL_MS = 1000

export class LogReader {
  readonly #options: LogReaderOptions
  readonly #sink: LineSink
  readonly #stop = new AbortController()
  readonly #sources = new Map<string, LogSource>()
  readonly #reading = new Set<LogSource>()
  readonly #marks = new Set<string>()
  #streams = 0
  #nextId = 0

  constructor(options: LogReaderOptions, sink: LineSink) {
    this.#options = options
    this.#sink = sink
  }

  /** Begins with replicas that are new, and tells of starts and ends that are. */
  show(pods: readonly Pod[]): void {
    for (const pod of pods) {
      const source = this.#sourceOf(pod)
      this.#tellMarks(pod, source)
      if (hasStarted(pod) && !this.#reading.has(source)) void this.#read(source, (pod.status.orc.run ?? 1) > 1)
    }
  }

  stop(): void {
    this.#stop.abort()
  }

  #sourceOf(pod: Pod): LogSource {
    const key = keyOfObject(pod)
    const known = this.#sources.get(key)
    if (known !== undefined) return known
    const source = { namespace: pod.metadata.namespace ?? '', service: serviceKeyOf(pod), pod: pod.metadata.name }
    this.#sources.set(key, source)
    return source
  }

  #tellMarks(pod: Pod, source: LogSource): void {
    const isNew = ({ mark, atMs }: ReturnType<typeof marksOf>[number]): boolean =>
      !this.#marks.has(mark.key) && this.#isInRange(atMs)
    const marks = marksOf(pod).filter(isNew)
    for (const { mark } of marks) this.#marks.add(mark.key)
    const lines = marks.map(({ atMs, mark }) => ({ id: this.#nextId++, atMs, source, text: '', mark }))
    if (lines.length > 0) void this.#sink.push(lines)
  }

  #isInRange(atMs: number): boolean {
    const { sinceTime, sinceSeconds, untilTime } = this.#options.options
    const sinceMs = sinceTime === undefined ? Date.now() - (sinceSeconds ?? Infinity) * 1000 : Date.parse(sinceTime)
    return atMs >= sinceMs && (untilTime === undefined || atMs <= Date.parse(untilTime))
  }

  /** `isRepeated`: there was a run before the present one. */
  async #read(source: LogSource, isRepeated: boolean): Promise<void> {
    this.#reading.add(source)
    const { hasPrevious, options } = this.#options
    const isFollowed = options.untilTime === undefined
    try {
      if (hasPrevious && isRepeated) await this.#readOnce(source, { ...options, previous: true })
      if (isFollowed) await this.#follow(source)
      else await this.#readOnce(source, options)
      // One that is no more may come again; what was read once is read.
      if (isFollowed) this.#reading.delete(source)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (!this.#stop.signal.aborted) this.#sink.fail(`${source.pod} cannot be read: ${reason}`)
    }
  }

  async #follow(source: LogSource): Promise<void> {
    const { client, options } = this.#options
    const { namespace, pod } = source
    const sink = { lines: (lines: readonly StampedLine[]) => this.#take(source, lines) }
    const { signal } = this.#stop
    // That orc is away is said above every page.
    const onTrouble = (): void => undefined
    const common = { client, namespace, pod, options, sink, isPatient: true, signal, onTrouble }
    if (this.#streams >= MOST_STREAMS) return new LogFollower({ ...common, pollMs: POLL_MS }).run()
    this.#streams += 1
    try {
      await new LogFollower(common).run()
    } finally {
      this.#streams -= 1
    }
  }

  async #readOnce(source: LogSource, options: LogOptions): Promise<void> {
    const { client } = this.#options
    const pieces = client.logs(source.namespace, source.pod, { ...options, timestamps: true }, this.#stop.signal)
    let rest = ''
    try {
      for await (const piece of pieces) {
        const parts = (rest + piece).split('\n')
        rest = parts.pop() ?? ''
        await this.#take(source, parts.map(splitStamp))
      }
      if (rest !== '') await this.#take(source, [splitStamp(rest)])
    } catch (error) {
      // That run is forgotten.
      if (!(error instanceof ApiError && error.code === 400)) throw error
    }
  }

  #take(source: LogSource, stamped: readonly StampedLine[]): Promise<void> {
    let lastStamp = ''
    let atMs = Date.now()
    const lines = stamped.map(({ stamp, text }) => {
      // Lines of one second have one time: it is read once.
      if (stamp !== undefined && stamp !== lastStamp) {
        lastStamp = stamp
        atMs = Date.parse(stamp)
      }
      return { id: this.#nextId++, atMs, source, text }
    })
    return this.#sink.push(lines)
  }
}
