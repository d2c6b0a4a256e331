/** What the commands have in common that change one field or two of services: a patch each, and one line each. */
import { RESOURCES, type AgentService } from '@orc/schemas'
import { ApiError, type OrcClient } from '@orc/sdk/client'
import { NamespacedCommand } from './api-command.ts'
import { explain, Failure } from './failure.ts'
import { plain } from './printers/plain.ts'
import { parseServiceName, referenceOf } from './selection.ts'
import { notFound } from './not-found.ts'

/** The same merge patch for each service, and what to say of one that took it. */
export interface ServiceChange {
  readonly patch: unknown
  readonly say: (reference: string, service: AgentService) => string
}

export abstract class ServiceCommand extends NamespacedCommand {
  /** Sends the patch to each service, prints what was done, and goes on after a failure. */
  protected async patchEach(
    words: readonly string[],
    patch: unknown,
    say: (reference: string, service: AgentService) => string,
  ): Promise<number> {
    const names = words.map(parseServiceName)
    const { client } = await this.connect()
    let failures = 0
    for (const name of names)
      if ((await this.patchOne(client, { name, namespace: this.namespace }, { patch, say })) === undefined)
        failures += 1
    return failures > 0 ? 1 : 0
  }

  /** The service as it is now; undefined when it was refused, which is said. */
  protected async patchOne(
    client: OrcClient,
    { name, namespace }: { readonly name: string; readonly namespace: string },
    { patch, say }: ServiceChange,
  ): Promise<AgentService | undefined> {
    try {
      const { object, warnings } = await client.patch<AgentService>(RESOURCES.agentservices, name, namespace, patch)
      this.context.stdout.write(`${say(referenceOf(RESOURCES.agentservices, name), object)}\n`)
      for (const warning of warnings) this.context.stderr.write(`Warning: ${plain(warning)}\n`)
      return object
    } catch (error) {
      const isMissing = error instanceof ApiError && error.code === 404
      const reported = isMissing ? new Failure(await notFound(client, name, namespace)) : error
      this.context.stderr.write(`error: ${explain(reported).text}\n`)
      return undefined
    }
  }
}
