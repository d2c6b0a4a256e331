/**
 * What the reconciler may ask of whatever runs processes.
 *
 * A *run* is one execution of a replica: one process tree, one directory, one terminal record. A run never comes back:
 * it goes Starting -> Running -> Ending -> Ended, and skips what it does not live through. Runs of one slot are
 * strictly ordered by `seq`, and a new one is refused while an older one is not Ended: this is where "never two" rests.
 *
 * A *task* is a command that belongs to the life of a replica (an init command, a hook). Its executions are runs too, in
 * a slot of its own, so that all of this holds for them.
 */
import type { AcceptedSpec, Reason } from '@orc/schemas'

export interface ServiceRef {
  readonly namespace: string
  readonly name: string
}

/** One replica of one incarnation of a declared service; a service declared anew has a new uid and so new slots. */
export interface SlotRef extends ServiceRef {
  readonly uid: string
  readonly ordinal: number
  /** `init-<name>`, `post-start` or `pre-stop`; absent = the replica itself. */
  readonly task?: string
}

export interface RunRef extends SlotRef {
  readonly seq: number
}

/** Bounds of the logs of a service; bytes. */
export interface LogLimits {
  /** What the log of a live run has beyond this is archived. */
  readonly maxFileSize: number
  /** Files of one run: the one that is written and its archives. */
  readonly maxFiles: number
  /** All logs of the service. */
  readonly quota: number
}

export interface LogPolicy {
  /** Undefined = not known yet: nothing is given up until it is. */
  limitsOf(service: ServiceRef): LogLimits | undefined
  /** Of all services together, bytes; absent = 10 Gi, or a tenth of the file system where that is less. */
  readonly totalQuota?: number
}

export interface NamedPort {
  readonly name: string
  /** 1-65535; in an order 0 = to be allocated. */
  readonly port: number
}

/** What the processes of a run may use together; absent = as much as there is. */
export interface RunLimits {
  /** Cores. */
  readonly cpu?: number
  /** Bytes. */
  readonly memory?: number
  /** Processes and threads. */
  readonly pids?: number
}

/** A file that a run is handed. */
export interface HandedFile {
  /** Relative, `NAME` or `DIRECTORY/NAME`; names are checked and do not begin with `..`. */
  readonly path: string
  readonly content: Uint8Array
  /** Permission bits. */
  readonly mode: number
}

export interface ProjectedContent {
  readonly configRevision: string
  readonly files: readonly HandedFile[]
}

/** What is set aside of the host for a replica. */
export interface Requests {
  /** Thousandths of a core. */
  readonly cpuMillis: number
  readonly memoryBytes: number
}

export interface HostCapacity {
  /** What all replicas together may be given. */
  readonly allocatable: Requests
  /** What there is beside that. */
  readonly kept: Requests
}

export type LimitedResource = keyof RunLimits

/** What a run of a task is there for. */
export interface Assignment {
  /** The revision, the run before, or the run whose hook it is: what it was done for is done. */
  readonly target: string
  readonly timeoutSeconds: number
}

export interface Hook {
  readonly command: readonly string[]
  readonly timeoutSeconds: number
}

/** What a run has to be able to say when nothing of its declaration is left. References, never values. */
export interface RunHooks {
  readonly postStart?: Hook
  readonly preStop?: Hook
  readonly environment: Pick<AcceptedSpec, 'env' | 'envFrom' | 'inheritEnv'>
}

/** What a run is started as. Values of the environment are handed over, never stored. */
export interface RunOrder {
  readonly slot: SlotRef
  readonly incarnation: number
  readonly restartCount: number
  /** Ends in a row before this run; see plan/restart.ts. */
  readonly failures: number
  readonly revision: string
  /** Value of the restart annotation at the time of the start. */
  readonly restartedAt: string
  /** Fingerprint of the ConfigMaps and Secrets it mentions; absent in records of an earlier orc. */
  readonly configRevision?: string
  readonly command: readonly string[]
  /** Absolute. */
  readonly workingDir: string
  readonly env: Readonly<Record<string, string>>
  readonly ports: readonly NamedPort[]
  readonly stopSignal: NodeJS.Signals
  readonly graceMs: number
  /** Absent = none. */
  readonly hooks?: RunHooks
  /** Present when, and only when, it is of a task. */
  readonly assignment?: Assignment
  readonly limits?: RunLimits
  /** Handed over in a directory of the run, never stored with its record; absent = it gets no directory. */
  readonly files?: readonly HandedFile[]
  /** What was reserved for it at the start; absent in records of an earlier orc. */
  readonly requests?: Requests
}

/** What was recorded of an order before the process was made. */
export interface RunRecord extends Omit<RunOrder, 'env' | 'limits' | 'files'> {
  readonly runId: string
  /** Where its files are; absent when it was handed none. */
  readonly filesDir?: string
  /** Wall time of the order (RFC 3339). */
  readonly startedAt: string
  /** Boot clock at the order, ms; meaningful within the same boot only. */
  readonly orderedAtMs: number
  /** Which boot that was; absent where there is only one. */
  readonly bootId?: string
}

export interface StopRecord {
  readonly reason: Reason
  readonly signal: NodeJS.Signals
  readonly graceMs: number
  /** The signal has yet to be sent: something comes before it. */
  readonly isHeld?: boolean
  /** Boot clock, ms. */
  readonly requestedAtMs: number
  /** Boot clock of the latest SIGKILL, ms. */
  readonly killedAtMs?: number
}

export interface RunEnd {
  /** 0-255, signals as 128 + number; -1 = nobody saw it. */
  readonly exitCode: number
  readonly signal?: number
  readonly reason: Reason
  /** RFC 3339. */
  readonly finishedAt: string
  /** Boot clock, ms; 0 for a run of an earlier boot. */
  readonly finishedAtMs: number
  /** How long the run lived, ms. */
  readonly lifetimeMs: number
  /** How many of its processes the kernel killed for the memory limit of the run; absent = none that is known of. */
  readonly oomKills?: number
  /** The last lines that it wrote. */
  readonly message?: string
}

export type RunPhase = 'Starting' | 'Running' | 'Ending' | 'Ended'

export interface ObservedRun {
  readonly ref: RunRef
  readonly record: RunRecord
  readonly phase: RunPhase
  /** Of the main process; absent before it is known and once the run has ended. */
  readonly pid?: number
  readonly stop?: StopRecord
  /** Boot clock, ms: since when the main process is dead and what it left behind is not gone. */
  readonly endingSinceMs?: number
  /** `configRevision` of the content that its files have; present when it was handed files. */
  readonly projected?: string
  /** The last one that its process was told of by a signal; absent = none since it began. */
  readonly told?: string
  /** The latest signal was not sent, because it would have ended the process. */
  readonly isDeaf?: true
  /** Boot clock, ms: since when it answers as ready, as it was noted last; absent = it does not, as far as is known. */
  readonly readySinceMs?: number
  /** What it wrote faster than it could be kept; absent = none. */
  readonly logBytesDropped?: number
  /** Present when, and only when, the phase is Ended. */
  readonly end?: RunEnd
}

export interface ObservedSlot {
  readonly ref: SlotRef
  /** Oldest first; at most the last 10 that ended. */
  readonly runs: readonly ObservedRun[]
}

export type StartResult =
  | { readonly ok: true; readonly ref: RunRef }
  /** Nothing was started and nothing is left behind. */
  | { readonly ok: false; readonly reason: Reason; readonly message: string }

export type StopRequest = Pick<StopRecord, 'reason' | 'signal' | 'graceMs' | 'isHeld'>

/** Environment variable that every process of a run inherits, unless it takes care not to. */
export const MARKER = 'ORC_RUN_ID'

/**
 * What a runtime adds to the environment of a run: the marker, PORT for the first port and PORT_<NAME> for each, and
 * where its files are.
 */
export function runVariables({
  runId,
  ports,
  filesDir,
}: Pick<RunRecord, 'runId' | 'ports' | 'filesDir'>): Readonly<Record<string, string>> {
  const variables: Record<string, string> = { [MARKER]: runId }
  if (filesDir !== undefined) variables['ORC_FILES_DIR'] = filesDir
  const [first] = ports
  if (first !== undefined) variables['PORT'] = String(first.port)
  for (const { name, port } of ports) variables[`PORT_${name.toUpperCase().replaceAll('-', '_')}`] = String(port)
  return variables
}

export interface Runtime {
  /** Takes over every run that an earlier controller left, and tells what services they belong to. Idempotent. */
  adopt(): Promise<readonly ServiceRef[]>

  /** The replicas that are there now. Never acts and never waits. */
  observe(service: ServiceRef): readonly ObservedSlot[]

  /** The same of its tasks. */
  observeTasks(service: ServiceRef): readonly ObservedSlot[]

  /** Orders a run. Resolves when the order is given, not when the process runs; rejects while an older run lives. */
  start(order: RunOrder): Promise<StartResult>

  /**
   * Asks a run to end: records the request, then signals its process group. Idempotent; the first reason, and the time
   * of the first request, stay. A request that is held is recorded only, and ends a run that has no process yet; the next
   * one that is not held sends the signal.
   */
  stop(run: RunRef, request: StopRequest): void

  /** SIGKILL to the whole group of a run that was asked to end. Idempotent. */
  kill(run: RunRef): void

  /**
   * Replaces the files of a live run, all at once: whoever opens them has the old or the new ones, never a part. Nothing
   * for a run that has no files or has ended. Idempotent.
   */
  project(run: RunRef, files: ProjectedContent): Promise<void>

  /**
   * Tells the main process of a live run by a signal that there is other content, and remembers that it was told. It is
   * sent to the very process that was started, if that handles it; one that it would end is left alone, and marked deaf.
   * Once for each configRevision: it is sent twice only when the controller dies between the signal and the next system
   * call. Says whether the process has been told.
   */
  signal(run: RunRef, signal: NodeJS.Signals, configRevision: string): boolean

  /**
   * Notes since when the process of a live run answers as ready (boot clock, ms), undefined = it does not: a controller
   * to come takes it for what it was until it answers anew. Idempotent.
   */
  noteReadiness(run: RunRef, readySinceMs: number | undefined): void

  /**
   * Sets what the processes of a run may use from now on, without a restart. Idempotent. Returns the limits that the
   * kernel holds; the others are not enforced by a runtime.
   */
  limit(run: RunRef, limits: RunLimits): readonly LimitedResource[]

  /** Removes every trace of a slot whose runs have all ended. */
  forget(slot: SlotRef): void

  /** Called with the service whenever `observe` may answer something new. A hint may be lost or come twice. */
  onHint(listener: (service: ServiceRef) => void): void

  /** Stops watching. The runs live on. */
  close(): Promise<void>
}
