/** `orc restart`: every replica anew. */
import { RESTARTED_AT, type AgentService } from '@orc/schemas'
import { Command, Option } from 'clipanion'
import { ServiceCommand } from '../service-command.ts'

export class RestartCommand extends ServiceCommand {
  static override paths = [['restart']]
  static override synopsis = 'NAME... [options]'
  static override usage = Command.Usage({
    details: `
      Writes the time into the annotation \`${RESTARTED_AT}\` of the manifest; replicas that began before are replaced.
    `,
    examples: [['Restart two services', 'orc restart web worker']],
  })

  names = Option.Rest({ name: 'NAME', required: 1 })

  override execute(): Promise<number> {
    const restartedAt = new Date(this.context.nowMs()).toISOString()
    return this.patchEach(this.names, { metadata: { annotations: { [RESTARTED_AT]: restartedAt } } }, sentence)
  }
}

function sentence(reference: string, { spec }: AgentService): string {
  return spec.operatingMode === 'Stopped'
    ? `${reference} is stopped; "orc start" lets it run`
    : `${reference} restarted`
}
