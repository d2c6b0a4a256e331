/** `orc label`: labels of objects. */
import { Command } from 'clipanion'
import { MetadataCommand } from '../metadata-command.ts'

export class LabelCommand extends MetadataCommand {
  static override paths = [['label']]
  static override usage = Command.Usage({
    details: `
      KEY=VALUE sets a label, KEY- removes it. A label that has another value is changed with \`--overwrite\` only.
      Labels stand in the manifest; they are no reason to restart replicas.
    `,
    examples: [
      ['Set one, and remove another', 'orc label agentservice web team=research stage-'],
      ['Of all services', 'orc label agentservices --all owner=ops --overwrite'],
      ['What there is', 'orc label agentservice web --list'],
    ],
  })

  override execute(): Promise<number> {
    return this.change('labels')
  }
}
