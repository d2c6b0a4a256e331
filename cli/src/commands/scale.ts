/** `orc scale`: how many replicas run. */
import { Command, Option, UsageError } from 'clipanion'
import { parseCount } from '../numbers.ts'
import { withoutKind } from '../selection.ts'
import { ServiceCommand } from '../service-command.ts'

export class ScaleCommand extends ServiceCommand {
  static override paths = [['scale']]
  static override synopsis = 'NAME... --replicas N [options]'
  static override usage = Command.Usage({
    details: `
      Changes \`spec.replicas\` in the manifest of the service. More than one replica needs allocated ports (port 0).
    `,
    examples: [
      ['Three of them', 'orc scale worker --replicas 3'],
      ['None for now', 'orc scale worker --replicas 0'],
    ],
  })

  replicas = Option.String('--replicas', { description: 'how many' })
  names = Option.Rest({ name: 'NAME', required: 1 })

  override async execute(): Promise<number> {
    if (this.replicas === undefined) throw new UsageError('--replicas N is missing')
    const replicas = parseCount('--replicas', this.replicas)
    return this.patchEach(withoutKind(this.names), { spec: { replicas } }, (reference) => `${reference} scaled`)
  }
}
