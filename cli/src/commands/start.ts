/** `orc start`: stopped services may run again. */
import type { AgentService } from '@orc/schemas'
import { Command } from 'clipanion'
import { FleetCommand } from '../fleet-command.ts'

export class StartCommand extends FleetCommand {
  static override paths = [['start']]
  static override usage = Command.Usage({
    details: `
      Sets \`spec.operatingMode: Running\` in the manifest, and removes the reason and the time of a stop. With \`--all\`
      or \`-l\` it asks first, and changes those that are stopped.
    `,
    examples: [
      ['Start a service', 'orc start web'],
      ['Start all that are stopped', 'orc start --all'],
    ],
  })

  override execute(): Promise<number> {
    const spec = { operatingMode: 'Running', operatingModeReason: null, operatingModeUntil: null }
    return this.change({
      verb: 'start',
      patch: { spec },
      say: (reference) => `${reference} started`,
      concerns: isStopped,
      order: 'DependenciesFirst',
    })
  }
}

/** Also one that is to start again by itself later on. */
export function isStopped({ spec }: AgentService): boolean {
  return spec.operatingMode === 'Stopped'
}
