/** `orc validate`: says what is wrong with manifests, without a controller. */
import { Command, Option } from 'clipanion'
import type { OrcContext } from '../orc-context.ts'

export class ValidateCommand extends Command<OrcContext> {
  static override paths = [['validate']]
  static synopsis = '[FILE|DIR|-]... [options]'
  static override usage = Command.Usage({
    details: `
      Reads files, or every manifest below directories (default: ./manifests), and tells each mistake with its place and
      what is allowed, in the words that the controller would use. Nothing is sent or changed. Exit code 0 = all is
      valid, 1 = something is not.
    `,
    examples: [
      ['The watched directory, in a commit hook', 'orc validate manifests'],
      ['What another program writes', 'helm template . | orc validate -'],
    ],
  })

  files = Option.Rest({ name: 'FILE' })

  override async execute(): Promise<number> {
    const { validateSources } = await import('../validate/validate.ts')
    const { readSources } = await import('../apply/source.ts')
    const { cwd, stdin } = this.context
    const wanted = this.files.length > 0 ? this.files : [this.context.env['ORC_MANIFESTS'] ?? 'manifests']
    const sources = await readSources(wanted, { cwd, stdin, recursive: true })
    return validateSources(sources, this.context)
  }
}
