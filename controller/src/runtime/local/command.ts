/** Checks what can be checked about a command before a process is made, so that the error is a sentence. */
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import path from 'node:path'

export type CommandLookup =
  { readonly ok: true; readonly argv: readonly string[] } | { readonly ok: false; readonly message: string }

/** The program as an absolute path: from the service's PATH when it has no slash, else relative to the working directory. */
export async function lookUpCommand(
  command: readonly string[],
  workingDir: string,
  searchPath: string | undefined,
): Promise<CommandLookup> {
  const directory = await stat(workingDir).catch(() => undefined)
  if (directory === undefined) return no(`The working directory ${workingDir} does not exist.`)
  if (!directory.isDirectory()) return no(`The working directory ${workingDir} is not a directory.`)
  const [program = '', ...rest] = command
  if (program.includes('/')) {
    const file = path.resolve(workingDir, program)
    const problem = await problemOf(file)
    return problem === undefined ? { ok: true, argv: [file, ...rest] } : no(`The program ${file} ${problem}.`)
  }
  const directories = (searchPath ?? '').split(':').filter((entry) => entry !== '')
  for (const entry of directories) {
    const file = path.resolve(workingDir, entry, program)
    if ((await problemOf(file)) === undefined) return { ok: true, argv: [file, ...rest] }
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

async function problemOf(file: string): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined)
  if (found === undefined) return 'does not exist'
  if (!found.isFile()) return 'is not a file'
  return access(file, constants.X_OK).then(
    () => undefined,
    () => 'is not executable (chmod +x)',
  )
}
