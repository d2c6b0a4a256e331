/** `orc explain`: what the fields of a kind are for. */
import { Command, Option } from 'clipanion'
import type { OrcContext } from '../orc-context.ts'
import { write } from '../output.ts'
import { colorsOf } from '../printers/colors.ts'
import { requireResource } from '../selection.ts'

export class ExplainCommand extends Command<OrcContext> {
  static override paths = [['explain']]
  static synopsis = 'KIND[.FIELD...] [--recursive]'
  static override usage = Command.Usage({
    details: `
      From the schemas that manifests are checked with, so it needs no controller: types, defaults, allowed values, and
      which fields have no effect yet.
    `,
    examples: [
      ['A kind', 'orc explain agentservice'],
      ['A field, and those below it', 'orc explain agentservice.spec.livenessProbe'],
      ['All fields at a glance', 'orc explain as --recursive'],
    ],
  })

  isRecursive = Option.Boolean('--recursive', false, { description: 'all fields below, by name and type' })
  word = Option.String({ name: 'KIND[.FIELD...]', required: true })

  override async execute(): Promise<number> {
    const [kind = '', ...path] = this.word.replace(/\.$/, '').split('.')
    const resource = requireResource(kind)
    const { explainField } = await import('../explain/explain.ts')
    const { context, isRecursive } = this
    await write(context.stdout, explainField({ resource, path, isRecursive, colors: colorsOf(context) }))
    return 0
  }
}
