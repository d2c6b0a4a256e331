/** What the commands have in common that change one field or two of services: a patch each, and one line each. */
import { RESOURCES, type AgentService } from '@orc/schemas'
import { ApiError } from '@orc/sdk/client'
import { NamespacedCommand } from './api-command.ts'
import { explain, Failure } from './failure.ts'
import { plain } from './printers/plain.ts'
import { parseServiceName, referenceOf } from './selection.ts'
import { notFound } from './not-found.ts'

export abstract class ServiceCommand extends NamespacedCommand {
  /** Sends the same merge patch to each service, prints what was done, and goes on after a failure. */
  protected async patchEach(
    words: readonly string[],
    patch: unknown,
    say: (reference: string, service: AgentService) => string,
  ): Promise<number> {
    const names = words.map(parseServiceName)
    const { client } = await this.connect()
    let failures = 0
    for (const name of names) {
      try {
        const { object, warnings } = await client.patch<AgentService>(
          RESOURCES.agentservices,
          name,
          this.namespace,
          patch,
        )
        this.context.stdout.write(`${say(referenceOf(RESOURCES.agentservices, name), object)}\n`)
        for (const warning of warnings) this.context.stderr.write(`Warning: ${plain(warning)}\n`)
      } catch (error) {
        const isMissing = error instanceof ApiError && error.code === 404
        const reported = isMissing ? new Failure(await notFound(client, name, this.namespace)) : error
        this.context.stderr.write(`error: ${explain(reported).text}\n`)
        failures += 1
      }
    }
    return failures > 0 ? 1 : 0
  }
}
