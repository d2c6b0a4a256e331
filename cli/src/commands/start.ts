/** `orc start`: stopped services may run again. */
import { Command, Option } from 'clipanion'
import { ServiceCommand } from '../service-command.ts'

export class StartCommand extends ServiceCommand {
  static override paths = [['start']]
  static override synopsis = 'NAME... [options]'
  static override usage = Command.Usage({
    details: 'Sets `spec.operatingMode: Running` in the manifest, and removes the reason and the time of a stop.',
    examples: [['Start a service', 'orc start web']],
  })

  names = Option.Rest({ name: 'NAME', required: 1 })

  override execute(): Promise<number> {
    const spec = { operatingMode: 'Running', operatingModeReason: null, operatingModeUntil: null }
    return this.patchEach(this.names, { spec }, (reference) => `${reference} started`)
  }
}
