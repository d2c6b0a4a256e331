/** Follows the rollout of a service until it is over, one line for each step. */
import { findCondition, keyOf, RESOURCES, type AgentService } from '@orc/schemas'
import { reflect, type OrcClient } from '@orc/sdk/client'
import { explain, Failure } from '../failure.ts'
import { INTERRUPTED, type OrcContext } from '../orc-context.ts'
import { plain } from '../printers/plain.ts'
import { rolloutState, type RolloutState } from './rollout-state.ts'

export interface RolloutWait {
  readonly client: OrcClient
  /** As it was found just now. */
  readonly service: AgentService
  /** 0 = without end. */
  readonly timeoutMs: number
}

type Streams = Pick<OrcContext, 'stdout' | 'stderr' | 'interruption'>

/** A connection that breaks is made again until the time is over. */
export async function followRollout({ client, service, timeoutMs }: RolloutWait, context: Streams): Promise<number> {
  const { name, namespace = '' } = service.metadata
  const following = new Following(service, context)
  const interruption = context.interruption()
  const ends = [following.over, interruption, ...(timeoutMs === 0 ? [] : [AbortSignal.timeout(timeoutMs)])]
  await reflect<AgentService>(
    client,
    RESOURCES.agentservices,
    {
      namespace,
      fieldSelector: `metadata.name=${name}`,
      onChange: ({ items }) => {
        following.look(items.get(keyOf('AgentService', namespace, name)))
      },
      onDisconnect: (error, retryInMs) => {
        context.stderr.write(`${explain(error).text}; trying again in ${String(retryInMs)} ms\n`)
      },
    },
    AbortSignal.any(ends),
  )
  return interruption.aborted ? INTERRUPTED : following.conclude()
}

class Following {
  readonly #uid: string | undefined
  readonly #context: Streams
  readonly #isOver = new AbortController()
  #service: AgentService
  #state: RolloutState
  #isGone = false

  constructor(service: AgentService, context: Streams) {
    this.#uid = service.metadata.uid
    this.#context = context
    this.#service = service
    this.#state = { type: 'Waiting', message: '' }
    this.look(service)
  }

  get over(): AbortSignal {
    return this.#isOver.signal
  }

  look(service: AgentService | undefined): void {
    if (this.over.aborted) return
    this.#isGone = service?.metadata.uid !== this.#uid
    if (service === undefined || this.#isGone) {
      this.#isOver.abort()
      return
    }
    const before = this.#state
    this.#service = service
    this.#state = rolloutState(service)
    if (this.#state.type !== 'Waiting') this.#isOver.abort()
    else if (this.#state.message !== before.message) this.#context.stdout.write(`${plain(this.#state.message)}\n`)
  }

  /** 0 when it is complete, or a sentence that says why it is not. */
  conclude(): number {
    const { type, message } = this.#state
    const { name } = this.#service.metadata
    if (this.#isGone) throw new Failure(`agentservices.orc.dev "${name}" not found: it was deleted meanwhile`)
    if (type === 'Waiting') {
      const ready = findCondition(this.#service.status?.conditions, 'Ready')
      const why = ready?.status === 'False' ? `: ${ready.message}` : ''
      throw new Failure(`timed out waiting for the condition on agentservices/${name}${why}`)
    }
    if (type !== 'Complete') throw new Failure(message)
    this.#context.stdout.write(`${plain(message)}\n`)
    return 0
  }
}
