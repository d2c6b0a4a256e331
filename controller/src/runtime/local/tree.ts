/**
 * Finds and ends what a run left behind: processes in its cgroups, of its session or group, with its marker in their
 * environment, or with its log as their output.
 */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { MARKER } from '../runtime.ts'
import { isDead, readStat, type ProcessIdentity, type ProcessStat } from './identity.ts'
import { membersOf } from './limits/cgroup.ts'

export interface RunTree {
  readonly runId: string
  /** The main process, which led the group and the session; absent when it was never known. */
  readonly main?: ProcessIdentity | undefined
  /** What writes there is of the run, even with another environment, session and parent. */
  readonly logPath?: string
  /** Whatever is in them is of the run. */
  readonly cgroups?: readonly string[]
}

/** Processes looked at between two turns of the event loop. */
const SLICE = 200

export interface Members {
  /** The living members of each run, by run id. */
  readonly of: ReadonlyMap<string, readonly ProcessIdentity[]>
  /**
   * A process on its way out has lost its memory, environment included, but may still hold files and locks. It might
   * have been anyone's: while there is one, no run is provably gone. It takes milliseconds.
   */
  readonly someoneIsLeaving: boolean
}

/** One pass over /proc, in slices. Speaks for processes that were there when it began. */
export async function findMembers(trees: readonly RunTree[]): Promise<Members> {
  const members = new Map<string, ProcessIdentity[]>(trees.map(({ runId }) => [runId, []]))
  const signs = new Signs(trees)
  // A descendant is younger than what it descends from; the rest of /proc need not be opened.
  const oldest = Math.min(...trees.map(({ main }) => main?.startTicks ?? 0))
  let someoneIsLeaving = false
  for (const [index, pid] of listProcesses().entries()) {
    if (index % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve))
    const stat = readStat(pid)
    if (stat === undefined || stat.startTicks < oldest || stat.isKernelThread || isDead(stat)) continue
    const environment = readProcFile(stat.pid, 'environ')
    const runId = signs.runOf(stat, environment)
    if (runId !== undefined) members.get(runId)?.push({ pid: stat.pid, startTicks: stat.startTicks })
    else if (environment === '' && readProcFile(stat.pid, 'statm').startsWith('0 ')) someoneIsLeaving = true
  }
  return { of: members, someoneIsLeaving }
}

/** Every pid that there is. */
export function listProcesses(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** By what a process is known to be of a run. */
export class Signs {
  readonly #groups: ReadonlyMap<number, string>
  readonly #logs: ReadonlyMap<string, string>
  readonly #held: ReadonlyMap<number, string>

  constructor(trees: readonly RunTree[]) {
    this.#held = new Map(
      trees.flatMap(({ runId, cgroups = [] }) => [...membersOf(cgroups)].map((pid) => [pid, runId] as const)),
    )
    this.#groups = new Map(
      trees.flatMap(({ runId, main }) => (main !== undefined && isGroupOf(main) ? [[main.pid, runId] as const] : [])),
    )
    this.#logs = new Map(
      trees.flatMap(({ runId, logPath }) => (logPath === undefined ? [] : [[logPath, runId] as const])),
    )
  }

  runOf(stat: ProcessStat, environment: string): string | undefined {
    return this.#held.get(stat.pid) ?? this.runOfGroup(stat) ?? markerOf(environment) ?? this.#runOfOutput(stat.pid)
  }

  runOfGroup({ session, group }: ProcessStat): string | undefined {
    return this.#groups.get(session) ?? this.#groups.get(group)
  }

  /** By what the process itself shows: its marker or its outputs. */
  runOfProcess(pid: number): string | undefined {
    return readMarker(pid) ?? this.#runOfOutput(pid)
  }

  #runOfOutput(pid: number): string | undefined {
    if (this.#logs.size === 0) return undefined
    const outputs = [1, 2].map((fd) => readLink(`/proc/${String(pid)}/fd/${String(fd)}`))
    return outputs.map((output) => this.#logs.get(output)).find((runId) => runId !== undefined)
  }
}

/**
 * A number stays taken while a group or session of that number has members, so: when a process of this pid exists that
 * is not our main process, the number was free in between and none of the old group is left.
 */
function isGroupOf(main: ProcessIdentity): boolean {
  const holder = readStat(main.pid)
  return holder === undefined || holder.startTicks === main.startTicks
}

/** The run that a process belongs to by its marker. */
export function readMarker(pid: number): string | undefined {
  return markerOf(readProcFile(pid, 'environ'))
}

function markerOf(environment: string): string | undefined {
  return new RegExp(`(?:^|\\0)${MARKER}=([^\\0]*)`).exec(environment)?.[1]
}

function readLink(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    return ''
  }
}

/** '' for what is gone, and for what is another user's. */
function readProcFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${String(pid)}/${name}`, 'latin1')
  } catch {
    return ''
  }
}

/** Sends a signal to the whole group of a main process, or to it alone before it leads one. False = it is gone. */
export function signalTree(main: ProcessIdentity, signal: NodeJS.Signals): boolean {
  const stat = readStat(main.pid)
  if (stat?.startTicks !== main.startTicks) return false
  return send(leads(stat) ? -main.pid : main.pid, signal)
}

export function signalProcess({ pid, startTicks }: ProcessIdentity, signal: NodeJS.Signals): boolean {
  return readStat(pid)?.startTicks === startTicks && send(pid, signal)
}

function leads(stat: ProcessStat): boolean {
  return stat.group === stat.pid
}

function send(target: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(target, signal)
    return true
  } catch (error) {
    // Gone, or of another user: one that a program with the setuid bit made is not ours to end.
    if (['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}
