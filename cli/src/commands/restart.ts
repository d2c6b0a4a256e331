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
    return this.patchEach(this.names, restartOf(this.context.nowMs()), restartedSentence)
  }
}

/** The patch that asks for it. */
export function restartOf(nowMs: number): unknown {
  return { metadata: { annotations: { [RESTARTED_AT]: new Date(nowMs).toISOString() } } }
}

export function restartedSentence(reference: string, { metadata, spec }: AgentService): string {
  if (spec.operatingMode === 'Stopped') return `${reference} is stopped; "orc start" lets it run`
  return spec.updateStrategy?.paused === true
    ? `${reference} is paused; "orc rollout resume ${metadata.name}" lets it restart`
    : `${reference} restarted`
}
