/** `orc restart`: every replica anew. */
import { RESTARTED_AT, type AgentService } from '@orc/schemas'
import { Command } from 'clipanion'
import { FleetCommand } from '../fleet-command.ts'
import { isStopped } from './start.ts'

export class RestartCommand extends FleetCommand {
  static override paths = [['restart']]
  static override usage = Command.Usage({
    details: `
      Writes the time into the annotation \`${RESTARTED_AT}\` of the manifest; replicas that began before are replaced.
      With \`--all\` or \`-l\` it asks first, and leaves those alone that are stopped.
    `,
    examples: [
      ['Restart two services', 'orc restart web worker'],
      ['Restart all services of a team', 'orc restart -l team=a'],
    ],
  })

  override execute(): Promise<number> {
    return this.change({
      verb: 'restart',
      patch: restartOf(this.context.nowMs()),
      say: restartedSentence,
      concerns: (service) => !isStopped(service),
      order: 'DependenciesFirst',
    })
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
