/** Checks what can be checked about a command before a process is made, so that the error is a sentence. */
import { accessSync, constants, statSync, type Stats } from 'node:fs'
import path from 'node:path'

export type CommandLookup =
  { readonly ok: true; readonly argv: readonly string[] } | { readonly ok: false; readonly message: string }

/**
 * The program as an absolute path: from the service's PATH when it has no slash, else relative to the working directory.
 * Synchronous: a handful of looks at the file system takes microseconds, a trip through the thread pool milliseconds.
 */
export function lookUpCommand(
  command: readonly string[],
  workingDir: string,
  searchPath: string | undefined,
): CommandLookup {
  const directory = statOf(workingDir)
  if (directory === undefined) return no(`The working directory ${workingDir} does not exist.`)
  if (!directory.isDirectory()) return no(`The working directory ${workingDir} is not a directory.`)
  const [program = '', ...rest] = command
  if (program.includes('/')) {
    const file = path.resolve(workingDir, program)
    const problem = problemOf(file)
    return problem === undefined ? { ok: true, argv: [file, ...rest] } : no(`The program ${file} ${problem}.`)
  }
  const directories = (searchPath ?? '').split(':').filter((entry) => entry !== '')
  for (const entry of directories) {
    const file = path.resolve(workingDir, entry, program)
    if (problemOf(file) === undefined) return { ok: true, argv: [file, ...rest] }
  }
  return no(
    directories.length === 0
      ? `The program ${program} cannot be looked up: the service has no PATH (see inheritEnv).`
      : `The program ${program} is not in the PATH of the service (${directories.join(':')}).`,
  )
}

function no(message: string): CommandLookup {
  return { ok: false, message }
}

function problemOf(file: string): string | undefined {
  const found = statOf(file)
  if (found === undefined) return 'does not exist'
  if (!found.isFile()) return 'is not a file'
  try {
    accessSync(file, constants.X_OK)
    return undefined
  } catch {
    return 'is not executable (chmod +x)'
  }
}

/** What is behind a file or a closed directory is not there for us. */
function statOf(file: string): Stats | undefined {
  try {
    return statSync(file)
  } catch {
    return undefined
  }
}

/** Why no process can be started with it; undefined when one can. */
export function problemOfEnvironment(env: Readonly<Record<string, string>>): string | undefined {
  const nul = Object.entries(env).find(([, value]) => value.includes('\0'))
  return nul === undefined ? undefined : `The value of ${nul[0]} holds a NUL character, which no environment can carry.`
}
