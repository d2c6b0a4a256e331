/** Finds the controller that belongs to a state directory, and knows whether it still lives. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** As the controller writes it when it is ready. */
export interface ControllerFile {
  readonly pid: number
  /** Field 22 of /proc/PID/stat: tells the process from a later one of the same number. */
  readonly startTicks: number
  readonly server: string
}

/** Where a new controller keeps its state. */
export function stateDirOf(flag: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  return path.resolve(flag ?? env['ORC_STATE_DIR'] ?? '.orc')
}

/** Where an existing one keeps it: also in a directory above, as git finds its own. */
export function findStateDir(
  flag: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  cwd = process.cwd(),
): string {
  const given = flag ?? env['ORC_STATE_DIR']
  if (given !== undefined) return path.resolve(cwd, given)
  for (let directory = cwd; ; directory = path.dirname(directory)) {
    const candidate = path.join(directory, '.orc')
    if (existsSync(candidate)) return candidate
    if (path.dirname(directory) === directory) return path.resolve(cwd, '.orc')
  }
}

export function readControllerFile(stateDir: string): ControllerFile | undefined {
  try {
    return JSON.parse(readFileSync(path.join(stateDir, 'controller.json'), 'utf8')) as ControllerFile
  } catch {
    return undefined
  }
}

/** The running controller of a state directory; undefined when it ended, however it ended. */
export function runningController(stateDir: string): ControllerFile | undefined {
  const file = readControllerFile(stateDir)
  return file !== undefined && isRunning(file) ? file : undefined
}

export function isRunning({ pid, startTicks }: ControllerFile): boolean {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(fields[19]) === startTicks && fields[0] !== 'Z'
  } catch {
    return false
  }
}
