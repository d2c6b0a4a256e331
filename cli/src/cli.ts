/** Runs one command line and says how it went. Knows which command is meant; what it does is loaded only then. */
import { didYouMean } from '@orc/schemas'
import { COMMANDS, findCommand } from './commands.ts'
import type { OrcContext } from './orc-context.ts'
import { formatGeneralHelp } from './printers/general-help.ts'
import { VERSION } from './version.ts'

/** The exit code. Never rejects. */
export async function runCli(argv: readonly string[], context: OrcContext): Promise<number> {
  const [word, ...rest] = commandFirst(argv)
  switch (word) {
    case undefined:
    case '-h':
    case '--help':
      return generalHelp(context)
    case 'help':
      return rest[0] === undefined ? generalHelp(context) : runCli([rest[0], '--help'], context)
    case '-v':
    case '--version':
    case 'version':
      context.stdout.write(`orc ${VERSION}\n`)
      return 0
    default:
      return runCommand(word, rest, context)
  }
}

function generalHelp(context: OrcContext): number {
  context.stdout.write(formatGeneralHelp(COMMANDS, context))
  return 0
}

async function runCommand(word: string, rest: readonly string[], context: OrcContext): Promise<number> {
  const entry = findCommand(word)
  if (entry === undefined) return unknownCommand(word, context)
  const { dispatch } = await import('./dispatch.ts')
  return dispatch(entry, [word, ...rest], context)
}

function unknownCommand(word: string, { stderr }: OrcContext): number {
  const known = COMMANDS.flatMap(({ name, aliases }) => [name, ...aliases])
  stderr.write(`error: unknown command ${JSON.stringify(word)}${didYouMean(word, known)}\n`)
  stderr.write('Run "orc --help" for the list of commands.\n')
  return 2
}

const LEADING = ['--kubeconfig', '--state-dir', '-n', '--namespace']

/** `orc --state-dir DIR get` as `orc get --state-dir DIR`: options of every command may also stand before its name. */
function commandFirst(argv: readonly string[]): string[] {
  let at = 0
  while (at < argv.length) {
    const word = argv[at] ?? ''
    if (LEADING.includes(word)) at += 2
    else if (LEADING.some((option) => word.startsWith(`${option}=`))) at += 1
    else break
  }
  const [command, ...rest] = argv.slice(at)
  return command === undefined || at === 0 ? [...argv] : [command, ...argv.slice(0, at), ...rest]
}
