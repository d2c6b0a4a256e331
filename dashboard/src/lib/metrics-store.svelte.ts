/** What pods use, asked for every 5 s while somebody looks, with the last samples for the small lines. */
import { RESOURCES, type Key, type PodMetrics } from '@orc/schemas'
import type { OrcClient } from '@orc/sdk/client'
import { poll } from '#lib/poll.ts'
import { addRound, seriesOf, type Round, type Series } from '#lib/usage.ts'

const PERIOD_MS = 5000

export class MetricsStore {
  #rounds = $state.raw<readonly Round[]>([])

  seriesOf(pods: readonly Key[]): Series {
    return seriesOf(this.#rounds, pods)
  }

  /** Asks until the returned function is called. */
  follow(client: OrcClient): () => void {
    return poll(() => this.#ask(client), PERIOD_MS)
  }

  /** A failure says nothing new: the watches say that the server is away, and the last values stay. */
  async #ask(client: OrcClient): Promise<void> {
    try {
      const { items } = await client.list<PodMetrics>(RESOURCES.podmetrics)
      this.#rounds = addRound(this.#rounds, items)
    } catch {
      return
    }
  }
}
