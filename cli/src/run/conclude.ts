/** What `orc run` says in the end. */
import { RESOURCES, SERVICE_LABEL, type Pod } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { INTERRUPTED, type OrcContext } from '../orc-context.ts'
import { plain } from '../printers/plain.ts'
import type { Outcome } from './wait.ts'

export interface Conclusion {
  readonly namespace: string
  readonly name: string
  readonly timeoutMs: number
}

/** Prints it; the exit code. */
export async function conclude(
  client: OrcClient,
  outcome: Outcome,
  { namespace, name, timeoutMs }: Conclusion,
  { stdout, stderr }: OrcContext,
): Promise<number> {
  const option = namespace === 'default' ? '' : ` -n ${namespace}`
  switch (outcome.type) {
    case 'Ready':
      stdout.write(`${name} is ready${await addresses(client, namespace, name)}\n`)
      return 0
    case 'Interrupted':
      stderr.write(`${name} is not ready yet; orc goes on with it\n`)
      return INTERRUPTED
    case 'TimedOut':
    case 'Failed': {
      const what = outcome.type === 'Failed' ? 'does not get ready' : `is not ready after ${String(timeoutMs / 1000)} s`
      stderr.write(`error: ${name} ${what}: ${plain(outcome.message)}\n`)
      stderr.write(`See "orc describe agentservice ${name}${option}" and "orc logs ${name}${option}"; `)
      stderr.write(`orc goes on trying until "orc stop ${name}${option}" or "orc remove ${name}${option}".\n`)
      return 1
    }
  }
}

/** Of its first ports, one per replica. */
async function addresses(client: OrcClient, namespace: string, name: string): Promise<string> {
  const labelSelector = `${SERVICE_LABEL}=${name}`
  const { items } = await client.list<Pod>(RESOURCES.pods, { namespace, labelSelector })
  const ports = items.flatMap(({ spec }) => spec.containers[0].ports[0]?.containerPort ?? [])
  return ports.length === 0 ? '' : ` at ${ports.map((port) => `127.0.0.1:${String(port)}`).join(', ')}`
}
