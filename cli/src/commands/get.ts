/** `orc get`: objects as a table, YAML, JSON or names, once or as they change. */
import { Command, Option, UsageError } from 'clipanion'
import { NamespacedCommand } from '../api-command.ts'
import { OUTPUTS, type Output } from '../get/output.ts'
import { showOnce } from '../get/show.ts'
import { showChanges } from '../get/watch.ts'
import { parseSelection, type Selection } from '../selection.ts'

export class GetCommand extends NamespacedCommand {
  static override paths = [['get']]
  static override synopsis = '[KIND [NAME...]] [options]'
  static override usage = Command.Usage({
    details: `
      KIND is agentservices (as, asvc), pods (po), configmaps (cm), secrets, manifests (mf), podmetrics, several of
      them with commas between, or \`all\` for services and pods. Without KIND: agentservices.

      STATUS of a service is the reason of its condition Ready; \`orc describe\` has the sentence to it.
    `,
    examples: [
      ['Every service', 'orc get agentservices'],
      ['Services and replicas, in every namespace', 'orc get all -A'],
      ['Ports, process ids and why', 'orc get as -o wide'],
      ['One object as its manifest would be', 'orc get as web -o yaml'],
      ['Replicas of one service, as they change', 'orc get pods -l orc.dev/service=web -w'],
      ['Files that cannot be read', 'orc get manifests'],
    ],
  })

  allNamespaces = Option.Boolean('-A,--all-namespaces', false, { description: 'of all namespaces' })
  selector = Option.String('-l,--selector', { description: 'only objects with these labels (key=value,key,!key)' })
  output = Option.String('-o,--output', 'table', { description: OUTPUTS.join(', ') })
  isWatching = Option.Boolean('-w,--watch', false, { description: 'go on and show changes' })
  raw = Option.Boolean('--raw', false, { description: 'do not strip control characters from tables' })
  words = Option.Rest({ name: 'KIND NAME' })

  override async execute(): Promise<number> {
    const output = this.#output()
    const selections = this.selections()
    if (this.isWatching && selections.length > 1) throw new UsageError('--watch is for one kind at a time')
    const { client } = await this.connect()
    const request = {
      client,
      selections,
      output,
      scope: { namespace: this.allNamespaces ? undefined : this.namespace, labelSelector: this.selector },
      raw: this.raw,
    }
    return this.isWatching ? showChanges(request, this.context) : showOnce(request, this.context)
  }

  protected selections(): readonly Selection[] {
    const selections = parseSelection(this.words, 'Guess')
    if (this.allNamespaces && selections.some(({ names, resource }) => names.length > 0 && resource.namespaced))
      throw new UsageError('names are unique within a namespace only: give -n NAMESPACE instead of -A')
    return selections
  }

  #output(): Output {
    const found = OUTPUTS.find((output) => output === this.output)
    if (found === undefined)
      throw new UsageError(`--output must be one of ${OUTPUTS.join(', ')}; got ${JSON.stringify(this.output)}`)
    return found
  }
}
