/**
 * Keeps logs within their limits, and `log.idx` of every live run up to a second behind its log. Costs one stat a run
 * and second; a log that grows fast, and all of them while the disk fills fast, are looked at more often.
 */
import { statfs } from 'node:fs/promises'
import type { Clock } from '../../../clock.ts'
import type { Log } from '../../../log.ts'
import type { LogLimits, LogPolicy, RunRef, ServiceRef } from '../../runtime.ts'
import type { ProcessIdentity } from '../identity.ts'
import { HoleMover, whyNoHoles } from './hole-mover.ts'
import { isDiskFull, LiveLog } from './live-log.ts'
import type { StoredLog } from './log-quota.ts'
import type { Mover } from './mover.ts'
import { endPause, pauseGroup } from './pause-group.ts'
import { PauseMover } from './pause-mover.ts'
import { QuotaKeeper } from './quota-keeper.ts'

/** The log of a run that has not ended. */
export interface GrowingLog {
  readonly ref: RunRef
  readonly logPath: string
  /** Who writes it, once that is known. */
  readonly main?: ProcessIdentity
}

/** As of now, at each call. */
export interface KnownLogs {
  readonly services: readonly ServiceRef[]
  readonly liveLogs: readonly GrowingLog[]
  /** Of all runs that are kept. */
  logsOf(service: ServiceRef): readonly StoredLog[]
}

export interface LogKeeperOptions {
  readonly clock: Clock
  readonly log: Log
  /** On the file system of the logs, not among them. */
  readonly directory: string
  readonly logs: KnownLogs
  /** Absent: the defaults of the schema. */
  readonly policy: LogPolicy | undefined
  /** `total`: bytes of this run that came faster than they could be kept. */
  readonly onDrop: (ref: RunRef, total: number) => void
}

const Mi = 2 ** 20
const DEFAULT_LIMITS: LogLimits = { maxFileSize: 16 * Mi, maxFiles: 5, quota: 256 * Mi }
const LEAST_FILE = 64 * 1024
/** Of a live file, holes included: ext4 ends at 16 Ti. */
const LONGEST_FILE = 2 ** 40

const DEFAULT_TOTAL = { most: 10 * 2 ** 30, share: 0.1 } as const

/** Every log that is written is looked at so often; */
const FULL_LOOK_MS = 1000
/** the file system, for whether it fills; */
const PERIOD_MS = 250
/** and what grows fast. */
const FAST_PERIOD_MS = 100
/** Grown by more since the last look. */
const FAST_BYTES = Mi
/** The file system lost more than this since the last look: somebody floods it, so every log is looked at. */
const FLOOD_BYTES = 8 * Mi
/** A log that was the same in so many looks is looked at only now and then, until it grows. */
const QUIET_LOOKS = 10
const QUIET_EVERY = 4
/** Logs looked at between two turns of the event loop. */
const SLICE = 100

export class LogKeeper {
  readonly #options: LogKeeperOptions
  readonly #quotas: QuotaKeeper
  readonly #logs = new Map<string, LiveLog>()
  readonly #fast = new Set<string>()
  /** Looks in a row in which a log was the same. */
  readonly #quiet = new Map<string, number>()
  #fullLooks = 0
  /** What is being done to a log, one thing at a time. */
  readonly #work = new Map<string, Promise<void>>()
  readonly #complaints = new Set<string>()
  readonly #pauseMover: Mover
  #mover: Promise<Mover> | undefined
  #cancel: (() => void) | undefined
  #fullLookMs = 0
  #freeBytes = 0
  #totalQuota: number

  constructor(options: LogKeeperOptions) {
    this.#options = options
    const { logs, policy } = options
    // Until the size of the disk is known.
    this.#totalQuota = policy?.totalQuota ?? Infinity
    const mainOf = (logPath: string) => logs.liveLogs.find((growing) => growing.logPath === logPath)?.main
    this.#pauseMover = new PauseMover(pauseGroup(mainOf))
    this.#quotas = new QuotaKeeper({
      ...options,
      limitsOf: (service) => this.#limitsOf(service),
      totalQuota: () => this.#totalQuota,
      complain: (trouble, error) => {
        this.#complain(trouble, error)
      },
    })
  }

  /** What an earlier controller left half done is done first. */
  start(): void {
    for (const { logPath, main } of this.#options.logs.liveLogs) if (main !== undefined) endPause(logPath, main)
    this.#lookLater()
    this.#quotas.start()
  }

  /** The last entry of a log that does not grow any more. */
  finish(ref: RunRef, logPath: string): void {
    const log = this.#lookAt(logPath, true)
    this.#logs.delete(logPath)
    this.#fast.delete(logPath)
    this.#quiet.delete(logPath)
    if (log !== undefined) this.#do(logPath, () => log.tidy(() => this.#moverOf(log)))
    this.#quotas.look(ref)
  }

  /** Resolves when nothing is half done. */
  async close(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    await Promise.all([...this.#work.values(), this.#quotas.close()])
  }

  #lookLater(): void {
    const delayMs = this.#fast.size > 0 ? FAST_PERIOD_MS : PERIOD_MS
    this.#cancel = this.#options.clock.setTimer(delayMs, () => {
      const look = this.#look().catch((error: unknown) => {
        // Its directory was removed, say. One that is closed has nothing to say.
        if (this.#cancel !== undefined) this.#complain('the logs cannot be looked at', error)
      })
      void look.finally(() => {
        if (this.#cancel !== undefined) this.#lookLater()
      })
    })
  }

  async #look(): Promise<void> {
    const nowMs = this.#options.clock.nowMs()
    const withTimes = nowMs - this.#fullLookMs >= FULL_LOOK_MS
    if (withTimes) this.#fullLookMs = nowMs
    if (withTimes) this.#fullLooks += 1
    const isFlooded = await this.#lookAtDisk()
    if (!withTimes && !isFlooded && this.#fast.size === 0) return
    const live = this.#options.logs.liveLogs
    const due = isFlooded ? live : live.filter(({ logPath }, index) => this.#isDue(logPath, index, withTimes))
    for (const [index, growing] of due.entries()) {
      if (index % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve))
      const log = this.#lookAt(growing.logPath, withTimes)
      if (log !== undefined) this.#keepWithin(growing, log)
    }
  }

  #isDue(logPath: string, index: number, withTimes: boolean): boolean {
    if (this.#fast.has(logPath)) return true
    const isQuiet = (this.#quiet.get(logPath) ?? 0) >= QUIET_LOOKS
    return withTimes && (!isQuiet || index % QUIET_EVERY === this.#fullLooks % QUIET_EVERY)
  }

  #lookAt(logPath: string, withTime: boolean): LiveLog | undefined {
    try {
      const log = this.#logs.get(logPath) ?? new LiveLog(logPath)
      this.#logs.set(logPath, log)
      const grown = log.look()
      if (grown > FAST_BYTES) this.#fast.add(logPath)
      else this.#fast.delete(logPath)
      this.#quiet.set(logPath, grown === 0 ? (this.#quiet.get(logPath) ?? 0) + 1 : 0)
      if (withTime) this.#noteTime(log)
      return log
    } catch (error) {
      this.#complain(`the log ${logPath} cannot be looked at`, error)
      return undefined
    }
  }

  #noteTime(log: LiveLog): void {
    try {
      log.noteTime()
    } catch (error) {
      // A full disk, say. Lines lose their times, nothing else.
      this.#complain('the times of log lines cannot be written', error)
    }
  }

  #keepWithin({ ref, logPath }: GrowingLog, log: LiveLog): void {
    // As most are: no limit is smaller.
    if (log.length <= LEAST_FILE && log.isFreed) return
    const limits = this.#limitsOf(ref)
    if (limits === undefined) return
    if (log.length <= limits.maxFileSize && log.isFreed) return
    this.#do(logPath, async () => {
      const mover = await this.#moverOf(log)
      await log.free(mover)
      const before = log.dropped
      // More than would be kept anyway: to copy it costs what the flood costs.
      if (log.length > mostKept(limits)) await log.drop(limits.maxFileSize, mover)
      else await this.#rotate(log, limits, mover)
      if (log.dropped > before) this.#options.onDrop(ref, log.dropped)
      this.#quotas.look(ref)
    })
  }

  #limitsOf(service: ServiceRef): LogLimits | undefined {
    const { policy } = this.#options
    const limits = policy === undefined ? DEFAULT_LIMITS : policy.limitsOf(service)
    if (limits === undefined) return undefined
    const { maxFileSize, maxFiles, quota } = limits
    const replicas = this.#options.logs.logsOf(service).filter(({ ended }) => !ended).length
    const shares = [quota / Math.max(1, replicas), this.#totalQuota / Math.max(1, this.#logs.size)]
    const most = Math.min(maxFileSize, ...shares.map((share) => Math.floor(share / 3)))
    return { maxFileSize: Math.max(LEAST_FILE, most), maxFiles, quota }
  }

  #do(logPath: string, work: () => Promise<void>): void {
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

  /** On a full disk there is no room for a copy, and every byte of this log is in the way of the others. */
  async #rotate(log: LiveLog, limits: LogLimits, mover: Mover): Promise<void> {
    try {
      await log.rotate(limits, mover)
    } catch (error) {
      if (!isDiskFull(error)) throw error
      this.#complain('the disk is full, logs are cut instead of kept', error)
      await log.drop(limits.maxFileSize, mover)
    }
  }

  /** A file cannot grow for ever, whatever of it is a hole. */
  async #moverOf({ fileSize }: LiveLog): Promise<Mover> {
    const mover = await (this.#mover ??= this.#findMover())
    return fileSize < LONGEST_FILE ? mover : this.#pauseMover
  }

  async #findMover(): Promise<Mover> {
    const { directory, log } = this.#options
    const problem = await whyNoHoles(directory)
    if (problem === undefined) return new HoleMover()
    log.warn(`logs are rotated in pauses of their processes, of some milliseconds: ${problem}`)
    return this.#pauseMover
  }

  /** True while it fills fast. */
  async #lookAtDisk(): Promise<boolean> {
    const { directory, policy } = this.#options
    const before = this.#freeBytes
    const { bsize, bfree, blocks } = await statfs(directory)
    this.#freeBytes = bsize * bfree
    this.#totalQuota = policy?.totalQuota ?? Math.min(DEFAULT_TOTAL.most, bsize * blocks * DEFAULT_TOTAL.share)
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
