/** Remembers what happened, in a SQLite file behind a thread. Losing the file, or rows of it, loses history only. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MessageChannel, Worker } from 'node:worker_threads'
import type { KubeEvent } from '@orc/schemas'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { EventLog, MutationLog, MutationRow, RunLog, RunRow, SampleLog, ServiceSample } from '../ports/history.ts'
import type { ServiceHistory, ServiceIdentity, Span } from '../ports/service-history.ts'
import type { Row } from './history-file.ts'
import { serveHistory, type Answers, type Port, type Questions, type Request, type Response } from './serve-history.ts'

/** Beside the bundle. When orc runs from its sources there is none, and the work is done in place. */
const WORKER = new URL('./history-worker.js', import.meta.url)
/** Rows are collected for so long: a fleet that starts is a few transactions and not a thousand. */
const COLLECT_MS = 100
const MOST_WAITING = 10_000
const MOST_AT_ONCE = 250
/** Moments with the samples of all services that may wait: they are large, and the last ones say most. */
const MOST_MOMENTS_WAITING = 30
/** After a thread has died: whatever it was may be over by then. */
const REST_MS = 10_000
/** Nobody waits longer for a thread that does not answer; a start of orc waits for the first answers. */
const PATIENCE_MS = 3000

export interface HistoryOptions {
  readonly file: string
  readonly clock: Clock
  readonly log: Log
}

interface Thread extends Port<Response, Request> {
  end(): void
}

interface Waiting {
  readonly resolve: (value: unknown) => void
}

export class History implements EventLog, RunLog, MutationLog, SampleLog, ServiceHistory {
  readonly #options: HistoryOptions
  readonly #waiting = new Map<number, Waiting>()
  #rows: Row[] = []
  #thread: Thread | undefined
  /** Of the batch that the thread works on; 0 = it is idle. */
  #inFlight = 0
  #cancelTimer: (() => void) | undefined
  #isDue = false
  #nextId = 1
  #lost = 0
  #isTroubled = false
  #closing: (() => void) | undefined
  #restUntilMs = 0

  constructor(options: HistoryOptions) {
    this.#options = options
  }

  /** Begins to load what the first row or question would have to wait for. */
  open(): void {
    this.#running()
  }

  /** Rows that were not remembered, since the start. */
  get lost(): number {
    return this.#lost
  }

  recordEvent(event: KubeEvent): void {
    this.#add({ type: 'Event', event })
  }

  recordRun(run: RunRow): void {
    this.#add({ type: 'Run', run })
  }

  recordMutation(mutation: MutationRow): void {
    this.#add({ type: 'Mutation', mutation })
    if (this.#isDue) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      this.#flush()
    })
  }

  recordSamples(atMs: number, samples: readonly ServiceSample[]): void {
    const waiting = this.#rows.filter(({ type }) => type === 'Samples').length
    if (waiting >= MOST_MOMENTS_WAITING) this.#lose(1, 'the samples of some minutes wait to be written')
    else this.#add({ type: 'Samples', atMs, samples })
  }

  /** Those that happened since then, the latest first; none when the file cannot say. */
  async events(sinceMs: number, limit: number): Promise<Answers['Events']> {
    return (await this.#ask('Events', { sinceMs, limit })) ?? []
  }

  /** Those of the runs that are remembered; none when the file cannot say. */
  async knownRuns(runIds: readonly string[]): Promise<Answers['KnownRuns']> {
    return runIds.length === 0 ? [] : ((await this.#ask('KnownRuns', { runIds })) ?? [])
  }

  samples(service: ServiceIdentity, span: Span): Promise<Answers['Samples'] | undefined> {
    return this.#ask('Samples', { service, span, nowMs: this.#options.clock.wallMs() })
  }

  overview(namespace: string | undefined, span: Span): Promise<Answers['Overview'] | undefined> {
    return this.#ask('Overview', { namespace, span })
  }

  runs(service: ServiceIdentity, sinceMs: number, limit: number): Promise<Answers['Runs'] | undefined> {
    return this.#ask('Runs', { service, sinceMs, limit })
  }

  failures(service: ServiceIdentity, sinceMs: number): Promise<Answers['Failures'] | undefined> {
    return this.#ask('Failures', { service, sinceMs })
  }

  /** Resolves when what was recorded is in the file, or cannot be within 3 s. */
  async close(): Promise<void> {
    if (this.#thread === undefined && this.#rows.length === 0) return
    await this.#within(new Promise<void>((resolve) => (this.#closing = resolve)), () => {
      this.#flush()
      this.#closeWhenIdle()
    })
    this.#cancelTimer?.()
    this.#thread?.end()
    this.#thread = undefined
  }

  #add(row: Row): void {
    if (this.#rows.length >= MOST_WAITING) {
      this.#lose(1, `more than ${String(MOST_WAITING)} rows wait to be written`)
      return
    }
    this.#rows.push(row)
    this.#schedule(COLLECT_MS)
  }

  #schedule(delayMs: number): void {
    this.#cancelTimer ??= this.#options.clock.setTimer(delayMs, () => {
      this.#cancelTimer = undefined
      this.#flush()
    })
  }

  /** One batch at a time: what the thread has no time for waits here, where it is counted. */
  #flush(): void {
    if (this.#inFlight > 0 || this.#rows.length === 0) return
    const restMs = this.#restUntilMs - this.#options.clock.nowMs()
    if (restMs > 0 && this.#closing === undefined) {
      this.#schedule(restMs)
      return
    }
    const rows = this.#rows.slice(0, MOST_AT_ONCE)
    this.#rows = this.#rows.slice(MOST_AT_ONCE)
    this.#inFlight = rows.length
    this.#running().postMessage({ type: 'Write', rows })
  }

  /** Undefined when the file cannot say, or not soon enough. */
  async #ask<T extends keyof Answers>(type: T, question: Questions[T]): Promise<Answers[T] | undefined> {
    const id = this.#nextId++
    const answer = new Promise<unknown>((resolve) => this.#waiting.set(id, { resolve }))
    const value = await this.#within(answer as Promise<Answers[T]>, () => {
      this.#running().postMessage({ type, id, question } as unknown as Request)
    })
    this.#waiting.delete(id)
    return value
  }

  async #within<T>(promise: Promise<T>, begin: () => void): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        resolve(undefined)
      }, PATIENCE_MS)
    })
    begin()
    return Promise.race([promise, late]).finally(() => {
      clearTimeout(timer)
    })
  }

  #running(): Thread {
    if (this.#thread !== undefined) return this.#thread
    const { file } = this.#options
    const thread = existsSync(fileURLToPath(WORKER))
      ? threadOf(file, (error) => this.#onDeath(thread, error))
      : inPlace(file)
    thread.on('message', (response) => {
      this.#onResponse(response)
    })
    this.#thread = thread
    return thread
  }

  #onResponse(response: Response): void {
    switch (response.type) {
      case 'Written':
        this.#onWritten(response)
        return
      case 'Answer':
        this.#waiting.get(response.id)?.resolve(response.value)
        return
      case 'SetAside':
        this.#options.log.warn(
          `history cannot be read (${response.why}); it was put aside as ${response.as}, and a new one is begun. Nothing else is lost.`,
        )
        return
      case 'Closed':
        this.#closing?.()
    }
  }

  #onWritten({ lost, trouble }: Extract<Response, { type: 'Written' }>): void {
    this.#inFlight = 0
    if (trouble !== undefined) this.#lose(lost, trouble)
    else if (this.#rows.length === 0) this.#recover()
    this.#flush()
    this.#closeWhenIdle()
  }

  #closeWhenIdle(): void {
    if (this.#closing === undefined || this.#inFlight > 0 || this.#rows.length > 0) return
    if (this.#thread === undefined) this.#closing()
    else this.#thread.postMessage({ type: 'Close' })
  }

  #recover(): void {
    if (this.#isTroubled)
      this.#options.log.info(`history is written again; ${String(this.#lost)} rows were lost so far`)
    this.#isTroubled = false
  }

  /** Counted always, told once until all is written again. */
  #lose(count: number, why: string): void {
    this.#lost += count
    if (!this.#isTroubled) this.#options.log.warn(`history cannot be written (${why}); orc goes on without it`)
    this.#isTroubled = true
  }

  /** Rows that come after the rest start another thread. */
  #onDeath(thread: Thread, error: Error): void {
    if (this.#thread !== thread) return
    this.#thread = undefined
    this.#restUntilMs = this.#options.clock.nowMs() + REST_MS
    this.#options.log.error('the thread of history died', error)
    for (const { resolve } of this.#waiting.values()) resolve(undefined)
    const lost = this.#inFlight
    this.#inFlight = 0
    if (lost > 0) this.#lose(lost, error.message)
    if (this.#closing !== undefined) this.#closing()
  }
}

function threadOf(file: string, onDeath: (error: Error) => void): Thread {
  const worker = new Worker(WORKER, {
    workerData: file,
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
  })
  worker.unref()
  worker.on('error', onDeath)
  return {
    postMessage: (message) => {
      worker.postMessage(message)
    },
    on: (event, listener) => worker.on(event, listener),
    end: () => void worker.terminate(),
  }
}

function inPlace(file: string): Thread {
  const { port1, port2 } = new MessageChannel()
  for (const port of [port1, port2]) port.unref()
  serveHistory(port2, file)
  return {
    postMessage: (message) => {
      port1.postMessage(message)
    },
    on: (event, listener) => port1.on(event, listener),
    end: () => {
      port1.close()
    },
  }
}
