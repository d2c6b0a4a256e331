/** One run in memory: what its directory says, and the rule by which it moves from phase to phase. */
import type { Reason } from '@orc/schemas'
import type { ObservedRun, RunEnd, RunPhase, RunRef, SlotRef, StopRecord } from '../runtime.ts'
import { isAlive, type ProcessIdentity } from './identity.ts'
import { revisionIn } from './projected-files.ts'
import type { ExitFile, PidFile, RunDirectory, StoredRecord } from './run-directory.ts'

/** Where this controller runs; a record of another place has no living process here. */
export interface Place {
  readonly bootId: string
  readonly pidNamespace: string
}

/** What a look at the directory and at /proc found. */
export type Finding =
  | { readonly type: 'Running' }
  /** The main process is dead and the shim is about to write how it ended, or is stopped: we wait, we do not guess. */
  | { readonly type: 'ShimToWrite'; readonly shim: ProcessIdentity }
  /** The main process is dead; what it left behind has yet to be looked for. No `exit` = nobody saw how. */
  | { readonly type: 'Exited'; readonly exit?: ExitFile; readonly samePlace: boolean }
  /** Nobody has claimed it. */
  | { readonly type: 'Unclaimed' }
  | { readonly type: 'Cancelled' }

interface Ending {
  readonly exitCode: number
  readonly signal: number | undefined
  readonly sameBoot: boolean
  readonly oomKills: number
}

const SIGKILL = 9

export class Run {
  readonly ref: RunRef
  readonly directory: RunDirectory
  readonly record: StoredRecord
  phase: RunPhase = 'Starting'
  pid: PidFile | undefined
  stop: StopRecord | undefined
  end: RunEnd | undefined
  /** Boot clock, ms: when the main process was found dead. */
  endingSinceMs: number | undefined
  logBytesDropped: number
  projected: string | undefined
  told: string | undefined
  isDeaf = false
  readySinceMs: number | undefined

  constructor(slot: SlotRef, seq: number, directory: RunDirectory, record: StoredRecord) {
    this.ref = { ...slot, seq }
    this.directory = directory
    this.record = record
    this.stop = directory.readStop()
    this.end = directory.readEnd()
    this.told = directory.readTold()
    this.readySinceMs = directory.readReady()
    this.projected = record.filesDir === undefined ? undefined : revisionIn(record.filesDir)
    this.logBytesDropped = directory.readLogBytesDropped()
    if (this.end !== undefined) this.phase = 'Ended'
  }

  /** Reads what happened; changes `pid` and `phase` of a run that has not ended. */
  look(here: Place): Finding {
    const claim = this.directory.readClaim()
    if (claim === 'None') return { type: 'Unclaimed' }
    if (claim === 'Cancelled') return { type: 'Cancelled' }
    this.pid ??= this.directory.readPid()
    const samePlace = this.record.bootId === here.bootId && this.record.pidNamespace === here.pidNamespace
    const exit = this.directory.readExit()
    if (exit !== undefined || !samePlace || this.pid === undefined) return this.#exited(exit, samePlace)
    if (isAlive(this.pid.main)) {
      this.phase = 'Running'
      return { type: 'Running' }
    }
    if (isAlive(this.pid.shim)) {
      this.phase = 'Ending'
      return { type: 'ShimToWrite', shim: this.pid.shim }
    }
    return this.#exited(this.directory.readExit(), true)
  }

  noteReadiness(readySinceMs: number | undefined): void {
    if (this.phase === 'Ended' || readySinceMs === this.readySinceMs) return
    this.directory.writeReady(readySinceMs)
    this.readySinceMs = readySinceMs
  }

  #exited(exit: ExitFile | undefined, samePlace: boolean): Finding {
    this.phase = 'Ending'
    return { type: 'Exited', samePlace, ...(exit === undefined ? {} : { exit }) }
  }

  /** The terminal record of a run that left nothing behind. */
  endOf(
    exit: ExitFile | undefined,
    at: { readonly nowMs: number; readonly wallMs: number; readonly here: Place; readonly oomKills: number },
  ): RunEnd {
    const sameBoot = this.record.bootId === at.here.bootId
    const finishedAtMs = sameBoot ? (exit?.exitedAtMs ?? at.nowMs) : 0
    const finishedWallMs = sameBoot ? at.wallMs - (at.nowMs - finishedAtMs) : at.wallMs
    const lifetimeMs = sameBoot
      ? finishedAtMs - this.record.orderedAtMs
      : finishedWallMs - Date.parse(this.record.startedAt)
    const message = this.directory.lastLines()
    const exitCode = exit?.exitCode ?? -1
    const signal = exitCode > 128 && exitCode <= 128 + 64 ? exitCode - 128 : undefined
    return {
      exitCode,
      ...(signal === undefined ? {} : { signal }),
      reason: this.#reasonOf({ exitCode, signal, sameBoot, oomKills: at.oomKills }),
      finishedAt: new Date(finishedWallMs).toISOString(),
      finishedAtMs,
      lifetimeMs: Math.max(0, lifetimeMs),
      ...(at.oomKills === 0 ? {} : { oomKills: at.oomKills }),
      ...(message === undefined ? {} : { message }),
    }
  }

  #reasonOf({ exitCode, signal, sameBoot, oomKills }: Ending): Reason {
    if (this.stop !== undefined) return this.stop.reason
    // Also of a shell that passes on how what it ran has ended.
    if (oomKills > 0 && signal === SIGKILL) return 'OOMKilled'
    if (exitCode < 0) return sameBoot ? 'ExitCodeUnknown' : 'HostReboot'
    return signal === undefined ? 'Exited' : 'Killed'
  }

  observed(): ObservedRun {
    const { ref, record, phase, stop, end } = this
    const { logBytesDropped, projected, told, readySinceMs } = this
    const common = {
      ...(stop === undefined ? {} : { stop }),
      ...(projected === undefined ? {} : { projected }),
      ...(told === undefined ? {} : { told }),
      ...(readySinceMs === undefined || end !== undefined ? {} : { readySinceMs }),
      ...(this.isDeaf ? { isDeaf: true as const } : {}),
      ...(logBytesDropped === 0 ? {} : { logBytesDropped }),
    }
    if (end !== undefined) return { ref, record, phase, ...common, end }
    return {
      ref,
      record,
      phase,
      ...(this.pid === undefined ? {} : { pid: this.pid.main.pid }),
      ...common,
      ...(this.endingSinceMs === undefined ? {} : { endingSinceMs: this.endingSinceMs }),
    }
  }
}
