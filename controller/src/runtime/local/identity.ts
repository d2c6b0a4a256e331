/** Which process is which: a pid alone is reused, a pid with its start time within one boot is not. */
import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs'

export interface ProcessIdentity {
  readonly pid: number
  /** Field 22 of /proc/PID/stat: ticks since boot. */
  readonly startTicks: number
}

export interface ProcessStat extends ProcessIdentity {
  /** One letter, see proc(5). */
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly session: number
  readonly threads: number
  readonly isKernelThread: boolean
}

const PF_KTHREAD = 0x00200000

/** Holds any stat line; one buffer for all, because a pass over /proc reads hundreds. */
const line = Buffer.allocUnsafe(4096)

/** Undefined when there is no such process. Three system calls: a sweep stands between an exit and the next start. */
export function readStat(pid: number): ProcessStat | undefined {
  let text: string
  try {
    const fd = openSync(`/proc/${String(pid)}/stat`, 'r')
    try {
      text = line.toString('latin1', 0, readSync(fd, line, 0, line.length, null))
    } finally {
      closeSync(fd)
    }
  } catch {
    return undefined
  }
  // The name in parentheses may hold anything, parentheses and spaces included.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const number = (index: number): number => Number(fields[index])
  return {
    pid,
    state: fields[0] ?? '?',
    parent: number(1),
    group: number(2),
    session: number(3),
    isKernelThread: (number(6) & PF_KTHREAD) !== 0,
    threads: number(17),
    startTicks: number(19),
  }
}

/**
 * A zombie has ended, unless other threads of it still run. A process on its way out has lost its memory but may hold
 * files and locks: it counts as alive.
 */
export function isDead(stat: ProcessStat | undefined): boolean {
  return stat === undefined || ((stat.state === 'Z' || stat.state === 'X') && stat.threads < 2)
}

export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  const stat = readStat(pid)
  return stat?.startTicks === startTicks && !isDead(stat)
}

/** Whether a pid is in use, if only by a zombie or by somebody else: false proves death, true proves nothing. */
export function isInUse(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Differs after every start of the host. */
export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
}

/** Pids mean something within one pid namespace only. */
export function readPidNamespace(): string {
  return readlinkSync('/proc/self/ns/pid')
}
