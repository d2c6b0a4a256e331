/**
 * Keeps logs within their limits, and `log.idx` of every live run up to a second behind its log. Costs one stat a run
 * and second; a log that grows fast, and all of them while the disk fills fast, are looked at more often.
 */
import { statfs } from 'node:fs/promises'
import type { Clock } from '../../../clock.ts'
import type { Log } from '../../../log.ts'
import type { ServiceRef } from '../../runtime.ts'
import type { ProcessIdentity } from '../identity.ts'
import { HoleMover, whyNoHoles } from './hole-mover.ts'
import { LiveLog, type LogLimits } from './live-log.ts'
import type { Mover } from './mover.ts'
import { endPause, pauseGroup } from './pause-group.ts'
import { PauseMover } from './pause-mover.ts'

export interface KeptLog {
  readonly logPath: string
  readonly service: ServiceRef
  /** Who writes it, once that is known. */
  readonly main?: ProcessIdentity
}

export interface LogKeeperOptions {
  readonly clock: Clock
  readonly log: Log
  /** Where the logs lie. */
  readonly directory: string
  /** That may grow. */
  readonly liveLogs: () => readonly KeptLog[]
  readonly limitsOf: (service: ServiceRef) => LogLimits
}

const PERIOD_MS = 250
/** Every log is looked at once in so many periods. */
const FULL_LOOK_EVERY = 4
/** Grown by more since the last look: looked at again in the next period. */
const FAST_BYTES = 1024 * 1024
/** The file system lost more than this in a period: somebody floods it. */
const FLOOD_BYTES = 8 * 1024 * 1024
/** Logs looked at between two turns of the event loop. */
const SLICE = 100

export class LogKeeper {
  readonly #options: LogKeeperOptions
  readonly #logs = new Map<string, LiveLog>()
  readonly #fast = new Set<string>()
  /** What is being done to a log, one thing at a time. */
  readonly #work = new Map<string, Promise<void>>()
  #mover: Promise<Mover> | undefined
  #cancel: (() => void) | undefined
  #period = 0
  #freeBytes = 0
  readonly #complaints = new Set<string>()

  constructor(options: LogKeeperOptions) {
    this.#options = options
  }

  /** What an earlier controller left half done is done first. */
  start(): void {
    for (const { logPath, main } of this.#options.liveLogs()) if (main !== undefined) endPause(logPath, main)
    this.#lookLater()
  }

  /** The last entry of a log that does not grow any more. */
  finish(kept: KeptLog): void {
    const log = this.#lookAt(kept, true)
    this.#logs.delete(kept.logPath)
    this.#fast.delete(kept.logPath)
    if (log?.isFreed === false) this.#do(kept, async () => log.free(await this.#moverHere()))
  }

  /** Resolves when nothing is half done. */
  async close(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    await Promise.all(this.#work.values())
  }

  #lookLater(): void {
    this.#cancel = this.#options.clock.setTimer(PERIOD_MS, () => {
      void this.#look().finally(() => {
        if (this.#cancel !== undefined) this.#lookLater()
      })
    })
  }

  async #look(): Promise<void> {
    const live = this.#options.liveLogs()
    if (live.length === 0) return
    this.#period += 1
    const withTimes = this.#period % FULL_LOOK_EVERY === 0
    const isFlooded = await this.#isFlooded()
    const due = withTimes || isFlooded ? live : live.filter(({ logPath }) => this.#fast.has(logPath))
    for (const [index, kept] of due.entries()) {
      if (index % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve))
      const log = this.#lookAt(kept, withTimes)
      if (log !== undefined) this.#keepWithin(kept, log)
    }
  }

  #lookAt({ logPath }: KeptLog, withTime: boolean): LiveLog | undefined {
    try {
      const log = this.#logs.get(logPath) ?? new LiveLog(logPath)
      this.#logs.set(logPath, log)
      if (log.look(withTime) > FAST_BYTES) this.#fast.add(logPath)
      else this.#fast.delete(logPath)
      return log
    } catch (error) {
      // A full disk, say. Lines lose their times, nothing else.
      this.#complain('the times of log lines cannot be written', error)
      return undefined
    }
  }

  #keepWithin(kept: KeptLog, log: LiveLog): void {
    const limits = this.#options.limitsOf(kept.service)
    const isLong = log.length > limits.maxFileSize
    if (!isLong && log.isFreed) return
    this.#do(kept, async () => {
      const mover = await this.#moverHere()
      await log.free(mover)
      // More than would be kept anyway: to copy it would cost what the flood costs.
      if (log.length > mostKept(limits)) await log.drop(limits.maxFileSize, mover)
      else await log.rotate(limits, mover)
    })
  }

  #do({ logPath }: KeptLog, work: () => Promise<void>): void {
    if (this.#work.has(logPath)) return
    const done = work()
      .catch((error: unknown) => {
        // The directory of a run that was removed meanwhile.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
        this.#complain(`the log ${logPath} cannot be rotated`, error)
      })
      .finally(() => this.#work.delete(logPath))
    this.#work.set(logPath, done)
  }

  #moverHere(): Promise<Mover> {
    return (this.#mover ??= this.#findMover())
  }

  async #findMover(): Promise<Mover> {
    const problem = await whyNoHoles(this.#options.directory)
    if (problem === undefined) return new HoleMover()
    this.#options.log.warn(`logs are rotated in pauses of their processes, of some milliseconds: ${problem}`)
    const { liveLogs } = this.#options
    return new PauseMover(pauseGroup((logPath) => liveLogs().find((kept) => kept.logPath === logPath)?.main))
  }

  async #isFlooded(): Promise<boolean> {
    const before = this.#freeBytes
    const { bsize, bfree } = await statfs(this.#options.directory)
    this.#freeBytes = bsize * bfree
    return before - this.#freeBytes > FLOOD_BYTES
  }

  /** One word about each trouble is enough. */
  #complain(trouble: string, error: unknown): void {
    if (!this.#complaints.has(trouble)) this.#options.log.warn(`${trouble}: ${String(error)}`)
    this.#complaints.add(trouble)
  }
}

function mostKept({ maxFileSize, maxFiles, quota }: LogLimits): number {
  return Math.min(Math.max(2, maxFiles) * maxFileSize, Math.max(2 * maxFileSize, quota))
}
