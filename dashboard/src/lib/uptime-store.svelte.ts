/** How much of the last day and week services were ready, as history knows it; nothing while that cannot be read. */
import type { OrcClient } from '@orc/sdk/client'
import { poll } from '#lib/poll.ts'
import { daysAgo, uptimes, type Uptime } from '#lib/uptime.ts'

const PERIOD_MS = 60_000

export class UptimeStore {
  #all = $state.raw(uptimes([], []))

  of({ namespace, name }: { readonly namespace: string; readonly name: string }): Uptime | undefined {
    return this.#all.get(`${namespace}/${name}`)
  }

  /** Asks until the returned function is called. */
  follow(client: OrcClient): () => void {
    return poll(() => this.#ask(client), PERIOD_MS)
  }

  /** A failure says nothing new: the watches say that the server is away, and the last values stay. */
  async #ask(client: OrcClient): Promise<void> {
    const nowMs = Date.now()
    try {
      const [day, week] = await Promise.all([
        client.serviceOverviews(undefined, { since: daysAgo(1, nowMs) }),
        client.serviceOverviews(undefined, { since: daysAgo(7, nowMs) }),
      ])
      this.#all = uptimes(day.items, week.items)
    } catch {
      return
    }
  }
}
