/**
 * Follows the log of one replica until it is no more, also across restarts of the controller: the log is read again from
 * the time of the last line, and lines that were shown are not shown again.
 */
import { RESOURCES, type Pod } from '@orc/schemas'
import type { LogOptions, OrcClient } from '../client.ts'
import { delay } from '../delay.ts'
import { ApiError, ConnectionError } from '../errors.ts'
import { History, splitStamp, type StampedLine } from './history.ts'
import { Overlap } from './overlap.ts'

/** Where the lines go; what it returns is waited for before more is read. */
export interface LogSink {
  /** Whole lines in their order, as many as came at once. */
  lines(lines: readonly StampedLine[]): Promise<void> | void
  /** The beginning of a line that has not come whole yet: all that is known of it so far. */
  partial?(text: string): Promise<void> | void
}

export interface LogFollowerOptions {
  readonly client: OrcClient
  readonly namespace: string
  readonly pod: string
  /** For what is there at the beginning. */
  readonly options: LogOptions
  readonly sink: LogSink
  /** Wait for a log that is not there yet, instead of failing. */
  readonly isPatient: boolean
  /** Look again this often instead of keeping a connection open: a browser has few of them. */
  readonly pollMs?: number
  readonly signal: AbortSignal
  onTrouble(error: unknown): void
}

const RETRY_MS = 500
/** What is read again comes at once: when nothing comes for so long, it was all. */
const IDLE_MS = 300
/** And when something comes all the time, it was all after so long. */
const AGAIN_MS = 2000
/** A controller that has just started shows pods a moment after it answers. */
const STEADY_MS = 3000

export class LogFollower {
  readonly #options: LogFollowerOptions
  readonly #history = new History()
  readonly #startedAt = new Date().toISOString()
  #rest = ''

  constructor(options: LogFollowerOptions) {
    this.#options = options
  }

  /** Rejects when there is no log to begin with. */
  async run(): Promise<void> {
    const { options, signal } = this.#options
    let wanted = options
    for (let isFirst = true; ; isFirst = false) {
      let isBroken = false
      try {
        await this.#read(wanted)
      } catch (error) {
        const isEarly = isFirst && !this.#options.isPatient
        if (isEarly ? !isConnectionError(error) : !isPassing(error)) throw error
        isBroken = true
        if (isConnectionError(error)) this.#options.onTrouble(error)
      }
      if (isAborted(signal) || (await this.#isGone(isBroken))) return
      await delay(isBroken ? RETRY_MS : (this.#options.pollMs ?? RETRY_MS), signal)
      wanted = this.#resumed()
    }
  }

  #resumed(): LogOptions {
    const { options } = this.#options
    const { sinceTime } = this.#history
    const filters = filtersOf(options)
    if (!this.#history.isEmpty) return sinceTime === undefined ? filters : { ...filters, sinceTime }
    // Nothing was shown, so all that is asked for is still new; but "the last lines" meant those of then.
    const isPart = options.tailLines !== undefined || options.sinceSeconds !== undefined
    return isPart ? { ...filters, sinceTime: this.#startedAt } : options
  }

  async #read(wanted: LogOptions): Promise<void> {
    const { client, namespace, pod, signal } = this.#options
    const isPolled = this.#options.pollMs !== undefined
    const options = { ...wanted, follow: !isPolled, timestamps: true }
    const pieces = client.logs(namespace, pod, options, signal)[Symbol.asyncIterator]()
    let overlap = this.#history.isEmpty ? undefined : this.#newOverlap()
    const untilMs = performance.now() + AGAIN_MS
    this.#rest = ''
    let next = pieces.next()
    for (;;) {
      const result = await (overlap === undefined ? next : Promise.race([next, idle(signal)]))
      if (result !== 'Idle') {
        if (result.done === true) break
        next = pieces.next()
        await this.#take(result.value, overlap)
      }
      const isOver = result === 'Idle' || performance.now() > untilMs
      if (overlap === undefined || !(isOver || overlap.isDecided)) continue
      await this.#conclude(overlap)
      overlap = undefined
    }
    if (overlap !== undefined) await this.#conclude(overlap)
    // What has no end yet is read again, when it may have more.
    if (this.#rest !== '' && !isPolled) await this.#show([splitStamp(this.#rest)])
  }

  #newOverlap(): Overlap {
    return new Overlap(this.#history.texts, this.#history.certain)
  }

  async #take(piece: string, overlap: Overlap | undefined): Promise<void> {
    const parts = (this.#rest + piece).split('\n')
    this.#rest = parts.pop() ?? ''
    const lines = parts.map(splitStamp)
    if (overlap === undefined) await this.#show(lines)
    else for (const line of lines) overlap.push(line)
    const { stamp, text } = splitStamp(this.#rest)
    if (overlap === undefined && stamp !== undefined) await this.#options.sink.partial?.(text)
  }

  /** What goes beyond what was shown. When nothing is known, the process was started anew: first the end of the old one. */
  async #conclude(overlap: Overlap): Promise<void> {
    if (!overlap.isFound) {
      const before = this.#newOverlap()
      for (const line of await this.#previousLines()) before.push(line)
      if (before.isFound) await this.#show(before.fresh())
    }
    await this.#show(overlap.fresh())
  }

  async #previousLines(): Promise<readonly StampedLine[]> {
    const { client, namespace, pod, signal } = this.#options
    const { sinceTime } = this.#history
    let text = ''
    try {
      const since = sinceTime === undefined ? {} : { sinceTime }
      const options = { ...filtersOf(this.#options.options), ...since, previous: true, timestamps: true }
      for await (const piece of client.logs(namespace, pod, options, signal)) text += piece
    } catch (error) {
      if (error instanceof ApiError) return []
      throw error
    }
    const lines = text.split('\n')
    return (lines.at(-1) === '' ? lines.slice(0, -1) : lines).map(splitStamp)
  }

  async #show(lines: readonly StampedLine[]): Promise<void> {
    if (lines.length === 0) return
    for (const line of lines) this.#history.add(line)
    await this.#options.sink.lines(lines)
  }

  /** Asks until somebody answers. */
  async #isGone(isBroken: boolean): Promise<boolean> {
    const { client, namespace, pod, signal } = this.#options
    let steadyAt = isBroken ? performance.now() + STEADY_MS : 0
    while (!signal.aborted) {
      try {
        await client.get(RESOURCES.pods, pod, namespace)
        return false
      } catch (error) {
        if (isConnectionError(error)) steadyAt = performance.now() + STEADY_MS
        else if (!isNotFound(error)) return false
        else if (performance.now() >= steadyAt) return true
      }
      await delay(RETRY_MS, signal)
    }
    return true
  }
}

/** What is read again must be the same lines as before. */
export function filtersOf({ grep, level }: LogOptions): LogOptions {
  return { ...(grep !== undefined && { grep }), ...(level !== undefined && { level }) }
}

/** Before that a pod has no log to read. */
export function hasStarted({ status: { orc, containerStatuses } }: Pod): boolean {
  const [{ state, lastState }] = containerStatuses
  return orc.pid !== undefined || (state.terminated ?? lastState.terminated) !== undefined
}

// A function, so that the compiler does not take an earlier look at the flag for the present one.
const isAborted = (signal: AbortSignal): boolean => signal.aborted

async function idle(signal: AbortSignal): Promise<'Idle'> {
  await delay(IDLE_MS, signal)
  return 'Idle'
}

function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404
}

/** Also as a program explains it with an error of its own. */
function isConnectionError(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof Error && error.cause instanceof ConnectionError)
}

/** A pod that waits to start, a controller that starts: the next try may be better. */
function isPassing(error: unknown): boolean {
  return isConnectionError(error) || (error instanceof ApiError && error.code !== 401 && error.code !== 403)
}
