/** `orc events`: what happened lately, and how often. */
import { RESOURCES, type KubeEvent } from '@orc/schemas'
import { Command, Option } from 'clipanion'
import { NamespacedCommand } from '../api-command.ts'
import { eventsAbout, inTime, typeSelector } from '../events/choose.ts'
import { parseOutput } from '../get/output.ts'
import { showOnce } from '../get/show.ts'
import { showChanges } from '../get/watch.ts'

export class EventsCommand extends NamespacedCommand {
  static override paths = [['events']]
  static override synopsis = '[NAME|KIND/NAME] [-w] [--types Warning] [options]'
  static override usage = Command.Usage({
    details: `
      The latest stand at the end. NAME alone is that of a service, whose replicas are shown too.
    `,
    examples: [
      ['What happened to a service and its replicas', 'orc events web'],
      ['To one replica, and what comes', 'orc events pod/web-0 -w'],
      ['Where somebody may have to do something', 'orc events -A --types Warning'],
    ],
  })

  allNamespaces = Option.Boolean('-A,--all-namespaces', false, { description: 'of all namespaces' })
  types = Option.String('--types', { description: 'Normal or Warning (both)' })
  output = Option.String('-o,--output', 'table', { description: 'the same as those of get' })
  noHeaders = Option.Boolean('--no-headers', false, { description: 'tables without their first line' })
  isWatching = Option.Boolean('-w,--watch', false, { description: 'go on with what comes' })
  raw = Option.Boolean('--raw', false, { description: 'do not strip control characters from tables' })
  word = Option.String({ name: 'NAME', required: false })

  override async execute(): Promise<number> {
    const isAbout = this.word === undefined ? undefined : eventsAbout(this.word)
    const fieldSelector = typeSelector(this.types)
    const output = await parseOutput(this.output, { withHead: !this.noHeaders })
    const { client } = await this.connect()
    const namespace = this.allNamespaces ? undefined : this.namespace
    const request = {
      client,
      selections: [{ resource: RESOURCES.events, names: [] }],
      output,
      scope: { namespace, labelSelector: undefined, fieldSelector },
      raw: this.raw,
      withHead: !this.noHeaders,
      withLabels: false,
      sort: inTime,
      // That an event was forgotten is no news.
      isWanted: (event: unknown) =>
        (event as KubeEvent).metadata.deletionTimestamp === undefined && (isAbout?.(event as KubeEvent) ?? true),
    }
    return this.isWatching ? showChanges(request, this.context) : showOnce(request, this.context)
  }
}
