/** `orc get`: objects as a table, YAML, JSON, names or as a template says, once or as they change. */
import { Command, Option, UsageError } from 'clipanion'
import { NamespacedCommand } from '../api-command.ts'
import { OUTPUTS, parseOutput } from '../get/output.ts'
import type { Scope } from '../get/fetch.ts'
import { showOnce } from '../get/show.ts'
import type { Sort } from '../get/sort.ts'
import { showChanges } from '../get/watch.ts'
import { parseSelection, type Selection } from '../selection.ts'

export class GetCommand extends NamespacedCommand {
  static override paths = [['get']]
  static override synopsis = '[KIND [NAME...]] [options]'
  static override usage = Command.Usage({
    details: `
      KIND is agentservices (as, asvc), pods (po), configmaps (cm), secrets, namespaces (ns), events (ev), manifests
      (mf), controllerrevisions, podmetrics, several of them with commas between, or \`all\` for services and pods.
      Without KIND: agentservices.

      JSONPath is that of kubectl: {.a.b}, {.a[*].b}, [-1], [0:2], {..name}, {range .items[*]}...{end}, {"\\n"},
      ?(@.type=="Ready"), a dot within a name as \\. ; one object stands for itself, several in .items.

      STATUS of a service is the reason of its condition Ready; \`orc describe\` has the sentence to it.
    `,
    examples: [
      ['Every service', 'orc get agentservices'],
      ['Services and replicas, in every namespace', 'orc get all -A'],
      ['Ports, process ids and why', 'orc get as -o wide'],
      ['One object as its manifest would be', 'orc get as web -o yaml'],
      ['Replicas of one service, as they change', 'orc get pods -l orc.dev/service=web -w'],
      ['One value, for a script', "orc get as web -o jsonpath='{.status.readyReplicas}'"],
      ['Columns of your own', 'orc get pods -o custom-columns=NAME:.metadata.name,PID:.status.orc.pid'],
      ['What restarts most, at the end', 'orc get as --sort-by=.status.restartCount'],
      ['Files that cannot be read', 'orc get manifests'],
    ],
  })

  allNamespaces = Option.Boolean('-A,--all-namespaces', false, { description: 'of all namespaces' })
  selector = Option.String('-l,--selector', { description: 'only objects with these labels (key=value,key,!key)' })
  fieldSelector = Option.String('--field-selector', {
    description: 'only objects with these fields: metadata.name=web, metadata.namespace!=team',
  })
  output = Option.String('-o,--output', 'table', { description: OUTPUTS.join(', ') })
  sortBy = Option.String('--sort-by', { description: 'order by the value at this JSONPath' })
  noHeaders = Option.Boolean('--no-headers', false, { description: 'tables without their first line' })
  showLabels = Option.Boolean('--show-labels', false, { description: 'a last column with all labels' })
  isWatching = Option.Boolean('-w,--watch', false, { description: 'go on and show changes' })
  raw = Option.Boolean('--raw', false, { description: 'do not strip control characters from tables' })
  words = Option.Rest({ name: 'KIND NAME' })

  override async execute(): Promise<number> {
    const output = await parseOutput(this.output, { withHead: !this.noHeaders })
    const selections = this.selections()
    if (this.isWatching && selections.length > 1) throw new UsageError('--watch is for one kind at a time')
    const sort = await this.#sort()
    const { client } = await this.connect()
    const request = {
      client,
      selections,
      output,
      scope: this.#scope(),
      raw: this.raw,
      withHead: !this.noHeaders,
      withLabels: this.showLabels,
      sort,
    }
    return this.isWatching ? showChanges(request, this.context) : showOnce(request, this.context)
  }

  protected selections(): readonly Selection[] {
    const selections = parseSelection(this.words, 'Guess')
    if (this.allNamespaces && selections.some(({ names, resource }) => names.length > 0 && resource.namespaced))
      throw new UsageError('names are unique within a namespace only: give -n NAMESPACE instead of -A')
    const isSelecting = this.selector !== undefined || this.fieldSelector !== undefined
    if (isSelecting && selections.some(({ names }) => names.length > 0))
      throw new UsageError('give either names or a selector, not both')
    return selections
  }

  #scope(): Scope {
    return {
      namespace: this.allNamespaces ? undefined : this.namespace,
      labelSelector: this.selector,
      fieldSelector: this.fieldSelector,
    }
  }

  async #sort(): Promise<Sort | undefined> {
    if (this.sortBy === undefined) return undefined
    const { sortBy } = await import('../get/sort.ts')
    const sort = sortBy(this.sortBy)
    if (this.isWatching) this.context.stderr.write('Warning: with --watch, --sort-by has no effect\n')
    return this.isWatching ? undefined : sort
  }
}
