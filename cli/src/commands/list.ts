/** `orc list`: the services. */
import { RESOURCES } from '@orc/schemas'
import { Command } from 'clipanion'
import type { Selection } from '../selection.ts'
import { GetCommand } from './get.ts'

export class ListCommand extends GetCommand {
  static override paths = [['list']]
  static override synopsis = '[NAME...] [options]'
  static override usage = Command.Usage({
    details: 'The same as `orc get agentservices`.',
    examples: [
      ['Every service', 'orc list'],
      ['With ports, process ids and why', 'orc list -o wide'],
    ],
  })

  protected override selections(): readonly Selection[] {
    return [{ resource: RESOURCES.agentservices, names: this.words }]
  }
}
