/** `orc edit`: objects in an editor. */
import { Command, Option } from 'clipanion'
import { NamespacedCommand } from '../api-command.ts'
import { explain } from '../failure.ts'
import { namedOnly } from '../selection.ts'

export class EditCommand extends NamespacedCommand {
  static override paths = [['edit']]
  static override synopsis = 'KIND NAME...|KIND/NAME... [options]'
  static override usage = Command.Usage({
    details: `
      Opens the object as YAML in ORC_EDITOR, EDITOR or vi. What the server refuses comes back with its reasons as
      comments. When somebody else has changed the object meanwhile, nothing is saved; the file is kept and named. In
      the manifest only the bytes of changed fields change: its comments stay.
    `,
    examples: [
      ['A service', 'orc edit agentservice web'],
      ['With another editor', 'EDITOR="code --wait" orc edit configmap settings'],
    ],
  })

  words = Option.Rest({ name: 'KIND NAME', required: 1 })

  override async execute(): Promise<number> {
    const selections = namedOnly(this.words, 'edit')
    const { client } = await this.connect()
    const { editObject } = await import('../edit/edit.ts')
    let failures = 0
    for (const { resource, names } of selections)
      for (const name of names)
        try {
          await editObject({ client, resource, name, namespace: this.namespace }, this.context)
        } catch (error) {
          failures += 1
          this.context.stderr.write(`error: ${explain(error).text}\n`)
        }
    return failures > 0 ? 1 : 0
  }
}
