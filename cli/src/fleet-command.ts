/** What `stop`, `start` and `restart` have in common: services by name, or all that are selected, in the order of their dependencies. */
import { RESOURCES, type AgentService } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { Option, UsageError } from 'clipanion'
import { isConfirmed } from './confirmation.ts'
import { Failure } from './failure.ts'
import { wavesOf } from './fleet/waves.ts'
import { ServiceCommand, type ServiceChange } from './service-command.ts'

export interface FleetChange extends ServiceChange {
  readonly verb: string
  /** Those of the selected that the change is for. */
  readonly concerns: (service: AgentService) => boolean
  /** Whether a service comes before or after those that it depends on. */
  readonly order: 'DependenciesFirst' | 'DependentsFirst'
  /** Called between one wave of services and the next, and after the last; false ends it. */
  readonly settle?: (client: OrcClient, changed: readonly AgentService[]) => Promise<boolean>
}

export abstract class FleetCommand extends ServiceCommand {
  static override synopsis = 'NAME...|--all|-l SELECTOR [options]'

  all = Option.Boolean('--all', false, { description: 'all services of the namespace' })
  selector = Option.String('-l,--selector', { description: 'services with these labels (key=value,key,!key)' })
  allNamespaces = Option.Boolean('-A,--all-namespaces', false, { description: 'with --all or -l: of all namespaces' })
  yes = Option.Boolean('-y,--yes', false, { description: 'with --all or -l: do not ask' })
  names = Option.Rest({ name: 'NAME' })

  protected async change(change: FleetChange): Promise<number> {
    if (!this.isSelecting()) return this.patchEach(this.names, change.patch, change.say)
    const { client } = await this.connect()
    const { items: all } = await client.list<AgentService>(RESOURCES.agentservices)
    const meant = await this.#meant(client, change)
    if (meant.length === 0) {
      this.context.stdout.write(`No service is left to ${change.verb}.\n`)
      return 0
    }
    const inOrder = wavesOf(meant, all)
    const waves = change.order === 'DependentsFirst' ? inOrder.toReversed() : inOrder
    if (meant.length > 1 && !(await this.#isConfirmed(change.verb, waves.flat()))) return 1
    for (const wave of waves) if (!(await this.#changeWave(client, wave, change))) return 1
    return 0
  }

  protected isSelecting(): boolean {
    const isSelecting = this.all || this.selector !== undefined
    if (isSelecting && this.names.length > 0) throw new UsageError('give either names or --all or -l, not both')
    if (!isSelecting && this.names.length === 0)
      throw new UsageError('name the services, or select them with --all or -l SELECTOR')
    if (!isSelecting && this.allNamespaces)
      throw new UsageError('names are unique within a namespace only: give -n NAMESPACE instead of -A')
    return isSelecting
  }

  async #meant(client: OrcClient, { concerns }: FleetChange): Promise<readonly AgentService[]> {
    const namespace = this.allNamespaces ? undefined : this.namespace
    const scope = { namespace, labelSelector: this.selector }
    const { items } = await client.list<AgentService>(RESOURCES.agentservices, scope)
    if (items.length === 0) throw new Failure('no matching resources found')
    return items.filter(concerns)
  }

  async #isConfirmed(verb: string, services: readonly AgentService[]): Promise<boolean> {
    const count = String(services.length)
    const lines = services.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)
    const question = `${verb.charAt(0).toUpperCase()}${verb.slice(1)} these ${count} services?`
    return isConfirmed(this.context, { question, lines, yes: this.yes })
  }

  /** False when those of the next wave must stay as they are. */
  async #changeWave(client: OrcClient, wave: readonly AgentService[], change: FleetChange): Promise<boolean> {
    const changed: AgentService[] = []
    for (const { metadata } of wave) {
      const { name, namespace = this.namespace } = metadata
      const service = await this.patchOne(client, { name, namespace }, change)
      if (service !== undefined) changed.push(service)
    }
    const isSettled = (await change.settle?.(client, changed)) ?? true
    return isSettled && changed.length === wave.length
  }
}
