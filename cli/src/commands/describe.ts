/** `orc describe`: all about objects, for people. */
import {
  RESOURCES,
  type AgentService,
  type ControllerRevision,
  type KubeEvent,
  type KubeObject,
  type Manifest,
  type Pod,
  type ServiceFailures,
} from '@orc/schemas'
import { ApiError, type OrcClient } from '@orc/sdk/client'
import { Command, Option, UsageError } from 'clipanion'
import { NamespacedCommand } from '../api-command.ts'
import { failureSection } from '../describe/failures.ts'
import { describeObject } from '../describe/object.ts'
import { describeService } from '../describe/service.ts'
import { eventSection } from '../events/section.ts'
import { explain } from '../failure.ts'
import { fetchSelection } from '../get/fetch.ts'
import { write } from '../output.ts'
import { colorsOf } from '../printers/colors.ts'
import { parseSelection } from '../selection.ts'

type Describe = (object: KubeObject) => Promise<string>

export class DescribeCommand extends NamespacedCommand {
  static override paths = [['describe']]
  static override synopsis = 'KIND [NAME...] [options]'
  static override usage = Command.Usage({
    details: `
      Of a service: what is wanted, its conditions with the sentence that says why, and of each replica the process, its
      ports, its restarts and how the last run ended; which revision is in force, how its rollout stands, and why one was
      rejected; how it failed in the last week, those that are alike in one row. Names manifest files that are broken and mention it. At the end
      stand the last events.
    `,
    examples: [
      ['Why is it not ready?', 'orc describe agentservice web'],
      ['One replica', 'orc describe pod web-0'],
      ['What is wrong with a file', 'orc describe manifest web.yaml'],
    ],
  })

  raw = Option.Boolean('--raw', false, { description: 'do not strip control characters' })
  words = Option.Rest({ name: 'KIND NAME' })

  override async execute(): Promise<number> {
    if (this.words.length === 0)
      throw new UsageError('name what to describe, for example: orc describe agentservice web')
    const selections = parseSelection(this.words, 'Guess')
    const { client } = await this.connect()
    const scope = { namespace: this.namespace, labelSelector: undefined }
    const fetched = await Promise.all(selections.map((selection) => fetchSelection(client, selection, scope)))
    const describe = await this.#describer(client)
    const texts = await Promise.all(fetched.flatMap(({ items }) => items.map(describe)))
    await write(this.context.stdout, texts.join(`\n${'-'.repeat(40)}\n\n`))
    const errors = fetched.flatMap((each) => each.errors)
    for (const error of errors) this.context.stderr.write(`error: ${explain(error).text}\n`)
    if (texts.length + errors.length === 0)
      this.context.stderr.write(`No resources found in namespace ${this.namespace}.\n`)
    return errors.length > 0 ? 1 : 0
  }

  async #describer(client: OrcClient): Promise<Describe> {
    const [pods, manifests, revisions, events] = await Promise.all([
      client.list<Pod>(RESOURCES.pods, { namespace: this.namespace }),
      client.list<Manifest>(RESOURCES.manifests),
      client.list<ControllerRevision>(RESOURCES.controllerrevisions, { namespace: this.namespace }),
      client.list<KubeEvent>(RESOURCES.events, { namespace: this.namespace }),
    ])
    const options = { nowMs: this.context.nowMs(), raw: this.raw, colors: colorsOf(this.context) }
    const facts = { pods: pods.items, manifests: manifests.items, revisions: revisions.items }
    return async (object) => {
      const end = eventSection(object, events.items, options)
      if (object.kind !== 'AgentService') return describeObject(object, options) + end
      const failures = await client.serviceFailures(this.namespace, object.metadata.name).catch(unlessUnknown)
      return (
        describeService({ service: object as AgentService, ...facts }, options) +
        failureSection(failures, options) +
        end
      )
    }
  }
}

/** History may be out of reach for now, or the service gone meanwhile: its description does not wait for that. */
function unlessUnknown(error: unknown): Pick<ServiceFailures, 'items' | 'since'> {
  if (error instanceof ApiError && [404, 503].includes(error.code)) return { items: [], since: '' }
  throw error
}
