/** Waits until services that were asked to stop have no process left. */
import { keyOfObject, RESOURCES, type AgentService } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { sleep } from '../output.ts'

const POLL_MS = 100

/** Those that still have a process at the deadline (`performance.now()`) or when the signal is aborted. */
export async function awaitDown(
  client: OrcClient,
  stopped: readonly AgentService[],
  { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<readonly AgentService[]> {
  let left = stopped
  for (;;) {
    const { items } = await client.list<AgentService>(RESOURCES.agentservices)
    const now = new Map(items.map((item) => [keyOfObject(item), item]))
    left = left.filter((asked) => !isDown(now.get(keyOfObject(asked)), asked))
    if (left.length === 0 || performance.now() > deadlineMs || signal.aborted) return left
    await sleep(POLL_MS, signal)
  }
}

/** What is said of an earlier generation is not about the stop. A service that was deleted meanwhile is nobody's dependent. */
function isDown(service: AgentService | undefined, asked: AgentService): boolean {
  if (service === undefined) return true
  const { observedGeneration = 0, replicas = 0 } = service.status ?? {}
  return observedGeneration >= (asked.metadata.generation ?? 0) && replicas === 0
}
