/**
 * The files of a run, `runs/<namespace>/<service>/<ordinal>-<uid8>[.<task>]/<seq>/`. The directory is the intent and the memory:
 * whatever is killed, what happened can be read here.
 *
 *   spec.json  the order, written before anything is forked
 *   pid        "PID START SHIM_PID SHIM_START\n", written by the process itself, O_EXCL
 *   claim      O_EXCL: empty = the process passed the gate and ran; with content = the run was cancelled and never runs
 *   log        stdout and stderr, O_APPEND
 *   log.<n>, log.parts   what of it was moved, and where it begins since then; see logs/log-parts.ts
 *   log.paused its writer stands still for a moment; see logs/pause-group.ts
 *   log.idx    when what of it was written; see logs/log-index.ts
 *   stop       that the run was asked to end, and why
 *   told       fingerprint of the content that its process was told of last; absent = of none since it began
 *   ready      since when it answers as ready; absent = it does not, as far as is known
 *   exit       "CODE UPTIME\n", written by the shim; seconds since boot
 *   final      the terminal record; after it nothing of the run is left
 *   next, declined   reserved for tickets (docs/architecture.md, section 5)
 *
 * No fsync here: their crash model is the death of processes, and a power cut changes the boot id.
 */
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import type { RunEnd, RunRecord, StopRecord } from '../runtime.ts'
import type { ProcessIdentity } from './identity.ts'
import { readLastBytes } from './logs/last-bytes.ts'
import { readParts } from './logs/log-parts.ts'

/** What spec.json holds: the record, and the world in which its pids mean something. */
export interface StoredRecord extends RunRecord {
  readonly bootId: string
  readonly pidNamespace: string
  /** Directories that were made for this run alone; see limits/. */
  readonly cgroups?: readonly string[]
}

export interface PidFile {
  readonly main: ProcessIdentity
  readonly shim: ProcessIdentity
}

export interface ExitFile {
  readonly exitCode: number
  /** Boot clock, ms. */
  readonly exitedAtMs: number
}

export type Claim = 'None' | 'Ran' | 'Cancelled'

const MESSAGE_LIMITS = { bytes: 2048, lines: 5 } as const

export class RunDirectory {
  readonly path: string
  readonly logPath: string

  constructor(directory: string) {
    this.path = directory
    this.logPath = path.join(directory, 'log')
  }

  create(record: StoredRecord): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 })
    writeFileSync(path.join(this.path, 'spec.json'), JSON.stringify(record), { mode: 0o600 })
  }

  readRecord(): StoredRecord | undefined {
    return this.#json<StoredRecord>('spec.json')
  }

  /** Undefined until the whole line is there. */
  readPid(): PidFile | undefined {
    const [pid, start, shimPid, shimStart] = (this.#line('pid') ?? '').split(' ').map(Number)
    if (pid === undefined || start === undefined || shimPid === undefined || shimStart === undefined) return undefined
    return { main: { pid, startTicks: start }, shim: { pid: shimPid, startTicks: shimStart } }
  }

  readClaim(): Claim {
    const stat = statSync(path.join(this.path, 'claim'), { throwIfNoEntry: false })
    if (stat === undefined) return 'None'
    return stat.size === 0 ? 'Ran' : 'Cancelled'
  }

  /**
   * Makes sure that the run never starts; false when it has already passed the gate. One atomic call: a link to a file
   * that has content, so a half-written claim cannot be seen.
   */
  cancel(cancelledFile: string): boolean {
    try {
      linkSync(cancelledFile, path.join(this.path, 'claim'))
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return this.readClaim() === 'Cancelled'
      throw error
    }
  }

  readExit(): ExitFile | undefined {
    const [exitCode, uptime] = (this.#line('exit') ?? '').split(' ').map(Number)
    return exitCode === undefined || uptime === undefined ? undefined : { exitCode, exitedAtMs: uptime * 1000 }
  }

  readStop(): StopRecord | undefined {
    return this.#json<StopRecord>('stop')
  }

  writeStop(stop: StopRecord): void {
    this.#replace('stop', stop)
  }

  readTold(): string | undefined {
    return this.#json<{ configRevision: string }>('told')?.configRevision
  }

  /** Returns what makes it so, in one system call. */
  prepareTold(configRevision: string): () => void {
    const target = path.join(this.path, 'told')
    writeFileSync(`${target}.tmp`, JSON.stringify({ configRevision }), { mode: 0o600 })
    return () => {
      renameSync(`${target}.tmp`, target)
    }
  }

  readReady(): number | undefined {
    return this.#json<{ readySinceMs: number }>('ready')?.readySinceMs
  }

  writeReady(readySinceMs: number | undefined): void {
    if (readySinceMs === undefined) rmSync(path.join(this.path, 'ready'), { force: true })
    else this.#replace('ready', { readySinceMs })
  }

  readEnd(): RunEnd | undefined {
    return this.#json<RunEnd>('final')
  }

  writeEnd(end: RunEnd): void {
    this.#replace('final', end)
  }

  readLogBytesDropped(): number {
    return readParts(this.logPath, Infinity).dropped
  }

  /** The last lines of the log, for people. */
  lastLines(): string | undefined {
    const bytes = readLastBytes(this.logPath, MESSAGE_LIMITS.bytes)
    if (bytes === undefined) return undefined
    const lines = bytes.toString('utf8').trimEnd().split('\n')
    // The first line may be cut; it is dropped unless it is all there is.
    const whole = bytes.length === MESSAGE_LIMITS.bytes && lines.length > 1 ? lines.slice(1) : lines
    return whole.slice(-MESSAGE_LIMITS.lines).join('\n') || undefined
  }

  /** A line counts only with its line end: nothing half-written is believed. */
  #line(name: string): string | undefined {
    const text = this.#text(name)
    return text?.endsWith('\n') === true ? text.trim() : undefined
  }

  #json<T>(name: string): T | undefined {
    const text = this.#text(name)
    if (text === undefined) return undefined
    try {
      return JSON.parse(text) as T
    } catch {
      return undefined
    }
  }

  #text(name: string): string | undefined {
    try {
      return readFileSync(path.join(this.path, name), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  #replace(name: string, value: unknown): void {
    const target = path.join(this.path, name)
    writeFileSync(`${target}.tmp`, JSON.stringify(value), { mode: 0o600 })
    renameSync(`${target}.tmp`, target)
  }
}

/** What `cancel` links to. */
export function writeCancelledFile(file: string): void {
  if (existsSync(file)) return
  writeFileSync(`${file}.tmp`, 'cancelled\n', { mode: 0o600 })
  renameSync(`${file}.tmp`, file)
}

/** The sequence numbers below a replica's directory, rising. */
export function listRuns(replicaDir: string): number[] {
  return listDirectory(replicaDir)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
}

/** Names in a directory; none when it is not there. */
export function listDirectory(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : []
}
