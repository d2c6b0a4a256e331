/** `orc annotate`: annotations of objects. */
import { Command } from 'clipanion'
import { MetadataCommand } from '../metadata-command.ts'

export class AnnotateCommand extends MetadataCommand {
  static override paths = [['annotate']]
  static override usage = Command.Usage({
    details: `
      KEY=VALUE sets an annotation, KEY- removes it. One that has another value is changed with \`--overwrite\` only.
    `,
    examples: [
      ['Leave a note', 'orc annotate agentservice web example.com/owner="the night shift"'],
      ['Remove it', 'orc annotate agentservice web example.com/owner-'],
      ['What there is', 'orc annotate agentservice web --list'],
    ],
  })

  override execute(): Promise<number> {
    return this.change('annotations')
  }
}
