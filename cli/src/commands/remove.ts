/** `orc remove`: services go. */
import { RESOURCES } from '@orc/schemas'
import { Command, Option } from 'clipanion'
import { NamespacedCommand } from '../api-command.ts'
import { parseServiceName } from '../selection.ts'

export class RemoveCommand extends NamespacedCommand {
  static override paths = [['remove']]
  static override synopsis = 'NAME... [options]'
  static override usage = Command.Usage({
    details:
      'The same as `orc delete agentservice NAME`: the service is taken out of its manifest, and its processes end.',
    examples: [['A service', 'orc remove web']],
  })

  names = Option.Rest({ name: 'NAME', required: 1 })

  override async execute(): Promise<number> {
    const names = this.names.map(parseServiceName)
    const { deleteObjects } = await import('../delete/delete.ts')
    const { client } = await this.connect()
    const doomed = names.map((name) => ({ resource: RESOURCES.agentservices, name, namespace: this.namespace }))
    return deleteObjects(client, doomed, { ...this.context, ignoreNotFound: false })
  }
}
