/** Parses the arguments of one command, runs it, and turns whatever goes wrong into a sentence and an exit code. */
import { Cli, type Command, type CommandClass } from 'clipanion'
import { COMMAND_CLASSES } from './command-classes.ts'
import type { CommandEntry, CommandName } from './commands.ts'
import { explain } from './failure.ts'
import type { OrcContext } from './orc-context.ts'
import { formatCommandHelp } from './printers/command-help.ts'
import { unglue } from './unglue.ts'

/** These need to know what the others take. */
const KNOW_ALL: ReadonlySet<CommandName> = new Set(['completion', '__complete'])

export async function dispatch(entry: CommandEntry, argv: readonly string[], context: OrcContext): Promise<number> {
  const commandClass = COMMAND_CLASSES[entry.name] as CommandClass<OrcContext>
  const cli = new Cli<OrcContext>({ binaryName: 'orc', enableColors: false })
  // One command alone is parsed faster, and its mistakes are told better.
  for (const each of KNOW_ALL.has(entry.name) ? Object.values(COMMAND_CLASSES) : [commandClass])
    cli.register(each as CommandClass<OrcContext>)
  const definition = cli.definitions().find(({ path }) => path === `orc ${entry.name}`)
  try {
    const command = cli.process([...(definition === undefined ? argv : unglue(argv, definition))], context)
    if (!(command instanceof commandClass) || command.help) {
      const { synopsis } = commandClass as { synopsis?: string }
      if (definition !== undefined) context.stdout.write(formatCommandHelp(entry, { definition, synopsis }, context))
      return 0
    }
    return await execute(command, cli, context)
  } catch (error) {
    const { text, isUsage } = explain(error)
    context.stderr.write(`error: ${text}\n`)
    if (isUsage) context.stderr.write(`Run "orc ${entry.name} --help" for how to use it.\n`)
    return isUsage ? entry.usageExitCode : 1
  }
}

/** Not `cli.run`: it writes errors to stdout, with the usage of everything, and knows one exit code. */
async function execute(command: Command<OrcContext>, cli: Cli<OrcContext>, context: OrcContext): Promise<number> {
  command.context = context
  command.cli = cli
  return command.validateAndExecute()
}
