/**
 * The cgroups of one run: a directory in each hierarchy, named by the id of the run. Which files are there says what it
 * can limit, in v1 and v2 alike; one that is gone holds nothing. Only directories that orc made are ever given to this.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { LimitedResource, RunLimits } from '../../runtime.ts'

const CPU_PERIOD_US = 100_000
/** The kernel takes no less. */
const LEAST_CPU_QUOTA_US = 1000

/** The file that a process joins by. */
export function procsFile(directory: string): string {
  return path.join(directory, 'cgroup.procs')
}

/** Pids in any of them; what a zombie was in does not count. */
export function membersOf(directories: readonly string[]): ReadonlySet<number> {
  return new Set(
    directories.flatMap((directory) =>
      readText(procsFile(directory))
        .split('\n')
        .filter((line) => line !== '')
        .map(Number),
    ),
  )
}

/** One for each hierarchy in which it could be made. */
export function makeCgroups(hierarchies: readonly string[], runId: string): readonly string[] {
  return hierarchies.flatMap((hierarchy) => {
    const directory = path.join(hierarchy, runId)
    try {
      mkdirSync(directory)
      return [directory]
    } catch {
      return []
    }
  })
}

/** False while the kernel still has a process in it. */
export function removeCgroup(directory: string): boolean {
  try {
    rmdirSync(directory)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

/** Sets every limit, also those that are no more. Returns which of the given ones the kernel holds from now on. */
export function setLimits(directories: readonly string[], limits: RunLimits): readonly LimitedResource[] {
  const write = (file: string, value: string): boolean => writeTo(directories, file, value)
  const set = {
    memory: setMemory(write, limits.memory),
    cpu: setCpu(write, limits.cpu),
    pids: write('pids.max', limits.pids === undefined ? 'max' : String(limits.pids)),
  }
  return (['memory', 'cpu', 'pids'] as const).filter((resource) => limits[resource] !== undefined && set[resource])
}

type Write = (file: string, value: string) => boolean

function setMemory(write: Write, bytes: number | undefined): boolean {
  const value = bytes === undefined ? undefined : String(Math.ceil(bytes))
  if (write('memory.max', value ?? 'max')) {
    // What a run may not hold in memory it may not hold in swap either.
    write('memory.swap.max', value === undefined ? 'max' : '0')
    return true
  }
  // The limit of both together is never below that of memory: when it rises it goes first, when it falls last.
  const setSum = (): boolean => write('memory.memsw.limit_in_bytes', value ?? '-1')
  setSum()
  const isSet = write('memory.limit_in_bytes', value ?? '-1')
  setSum()
  return isSet
}

function setCpu(write: Write, cores: number | undefined): boolean {
  const quota = cores === undefined ? undefined : Math.max(LEAST_CPU_QUOTA_US, Math.round(cores * CPU_PERIOD_US))
  return (
    write('cpu.max', `${quota === undefined ? 'max' : String(quota)} ${String(CPU_PERIOD_US)}`) ||
    (write('cpu.cfs_period_us', String(CPU_PERIOD_US)) && write('cpu.cfs_quota_us', String(quota ?? -1)))
  )
}

/** How often the kernel killed a process here for its memory. */
export function countOomKills(directories: readonly string[]): number {
  const texts = directories.flatMap((directory) =>
    ['memory.events', 'memory.oom_control'].map((file) => readText(path.join(directory, file))),
  )
  return texts.reduce((sum, text) => sum + Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0), 0)
}

/** False where no directory has the file, or the kernel refuses the value. */
function writeTo(directories: readonly string[], name: string, value: string): boolean {
  const file = directories.map((directory) => path.join(directory, name)).find((candidate) => existsSync(candidate))
  try {
    if (file !== undefined) writeFileSync(file, value)
    return file !== undefined
  } catch {
    return false
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
