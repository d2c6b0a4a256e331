/** `orc completion`: lets a shell complete what is typed. */
import { Command, Option, UsageError } from 'clipanion'
import type { OrcContext } from '../orc-context.ts'
import { write } from '../output.ts'

export class CompletionCommand extends Command<OrcContext> {
  static override paths = [['completion']]
  static synopsis = 'bash|zsh|fish'
  static override usage = Command.Usage({
    details: `
      Prints a script for the shell that completes commands, options, kinds and names of objects.
    `,
    examples: [
      ['bash, in ~/.bashrc', 'source <(orc completion bash)'],
      ['zsh, in ~/.zshrc after compinit', 'source <(orc completion zsh)'],
      ['fish', 'orc completion fish > ~/.config/fish/completions/orc.fish'],
    ],
  })

  shell = Option.String({ name: 'bash|zsh|fish', required: true })

  override async execute(): Promise<number> {
    const { bashScript, fishScript, zshScript } = await import('../completion/scripts.ts')
    const { commandWords, kindCandidates } = await import('../completion/grammar.ts')
    const scripts: Readonly<Record<string, typeof bashScript>> = { bash: bashScript, zsh: zshScript, fish: fishScript }
    const script = Object.hasOwn(scripts, this.shell) ? scripts[this.shell] : undefined
    if (script === undefined)
      throw new UsageError(
        `the shell must be one of ${Object.keys(scripts).join(', ')}; got ${JSON.stringify(this.shell)}`,
      )
    await write(
      this.context.stdout,
      script({ commands: commandWords(this.cli.definitions()), kinds: kindCandidates() }),
    )
    return 0
  }
}
