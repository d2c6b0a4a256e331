/** `orc __complete`: what completion scripts ask. Says nothing at all when it does not know. */
import { Command, Option } from 'clipanion'
import { connect } from '../connection.ts'
import type { OrcContext } from '../orc-context.ts'

export class CompleteCommand extends Command<OrcContext> {
  static override paths = [['__complete']]

  words = Option.Proxy()

  override async execute(): Promise<number> {
    const { candidates, readTyped } = await import('../completion/candidates.ts')
    const { commandWords } = await import('../completion/grammar.ts')
    const flags = commandWords(this.cli.definitions()).flatMap((command) => command.flags)
    const withValue = new Set(flags.filter(({ takesValue }) => takesValue).flatMap(({ names }) => names))
    const typed = readTyped(this.words, withValue)
    try {
      const { client } = await connect(typed, this.context)
      const found = await candidates(client, typed)
      this.context.stdout.write(found.map((name) => `${name}\n`).join(''))
      return 0
    } catch {
      // A sentence would stand in the middle of the line that is being typed.
      return 1
    }
  }
}
