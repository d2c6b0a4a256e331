/** `orc wait`: until objects are as they should be. */
import { Command, Option, UsageError } from 'clipanion'
import { NamespacedCommand } from '../api-command.ts'
import { parseDuration } from '../numbers.ts'
import { parseSelection, type Selection } from '../selection.ts'

const WEEK_MS = 7 * 86_400_000

export class WaitCommand extends NamespacedCommand {
  static override paths = [['wait']]
  static override synopsis = 'KIND NAME...|KIND/NAME...|KIND -l SELECTOR|KIND --all --for GOAL [options]'
  static override usage = Command.Usage({
    details: `
      GOAL is \`condition=TYPE\` (or \`condition=TYPE=False\`), \`jsonpath={PATH}=VALUE\` (or without VALUE: any),
      \`create\` or \`delete\`. A pod that came again under the same name counts as deleted. A controller that is
      restarted meanwhile is waited for. Exit code 1 when the time is over; what is still missing is named.
    `,
    examples: [
      ['Until a service is ready', 'orc wait web --for=condition=Ready --timeout=60s'],
      ['Until it has stopped', 'orc wait web --for=condition=Ready=False'],
      ['Until three replicas are ready', "orc wait web --for=jsonpath='{.status.readyReplicas}'=3"],
      ['Until services of a team are gone', 'orc wait agentservices -l team=a --for=delete'],
    ],
  })

  goal = Option.String('--for', { description: 'condition=TYPE[=STATUS], jsonpath={PATH}[=VALUE], create, delete' })
  timeout = Option.String('--timeout', '30s', { description: 'how long, for all together (30s; 0 = look once)' })
  selector = Option.String('-l,--selector', { description: 'objects with these labels (key=value,key,!key)' })
  fieldSelector = Option.String('--field-selector', { description: 'objects with these fields' })
  all = Option.Boolean('--all', false, { description: 'all objects of the kind' })
  allNamespaces = Option.Boolean('-A,--all-namespaces', false, { description: 'of all namespaces' })
  words = Option.Rest({ name: 'KIND NAME', required: 1 })

  override async execute(): Promise<number> {
    const { parseGoal } = await import('../wait/goal.ts')
    const goal = parseGoal(this.goal)
    const timeoutMs = this.#timeoutMs()
    const selections = this.#selections()
    const { client } = await this.connect()
    const scope = {
      namespace: this.allNamespaces ? undefined : this.namespace,
      labelSelector: this.selector,
      fieldSelector: this.fieldSelector,
    }
    const { waitFor } = await import('../wait/wait.ts')
    return waitFor({ client, selections, scope, goal, timeoutMs }, this.context)
  }

  /** As kubectl: less than nothing is a week. */
  #timeoutMs(): number {
    if (/^0[smhd]?$/.test(this.timeout)) return 0
    return this.timeout.startsWith('-') ? WEEK_MS : parseDuration('--timeout', this.timeout)
  }

  #selections(): readonly Selection[] {
    const selections = parseSelection(this.words, 'Guess')
    const isSelecting = this.selector !== undefined || this.fieldSelector !== undefined || this.all
    const [nameless] = selections.filter(({ names }) => names.length === 0)
    if (nameless !== undefined && !isSelecting)
      throw new UsageError(`name the ${nameless.resource.plural}, or select them with -l or --all`)
    if (isSelecting && selections.some(({ names }) => names.length > 0))
      throw new UsageError('give either names or a selector, not both')
    if (this.allNamespaces && nameless === undefined)
      throw new UsageError('names are unique within a namespace only: give -n NAMESPACE instead of -A')
    const path = selections.flatMap(({ names }) => names).find((name) => name.includes('/'))
    if (path !== undefined)
      throw new UsageError(`wait for ${path} by its name instead of its path: orc get manifest ${path} -o name`)
    return selections
  }
}
