/** What history knows of a service over the chosen time, asked for anew as often as there can be something new. */
import type { ServiceSamples } from '@orc/schemas'
import { ApiError, type OrcClient } from '@orc/sdk/client'
import { stepFor, timesOf, wordsOf, type ChosenRange, type TimeRange } from './time-range.ts'

export interface Answer {
  readonly samples: ServiceSamples
  readonly range: TimeRange
}

const AGAIN_AFTER_TROUBLE_MS = 5000

export class SamplesStore {
  readonly #client: OrcClient
  readonly #namespace: string
  readonly #name: string
  #answer = $state.raw<Answer>()
  #problem = $state.raw<string>()

  constructor(client: OrcClient, namespace: string, name: string) {
    this.#client = client
    this.#namespace = namespace
    this.#name = name
  }

  /** The last one; undefined before the first. */
  get answer(): Answer | undefined {
    return this.#answer
  }

  /** Why there is no newer answer; undefined while all is well. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Asks until the returned function is called. A time that stands still is asked for once. */
  follow(range: ChosenRange): () => void {
    let isOver = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async (): Promise<void> => {
      const times = timesOf(range, Date.now())
      const stepSeconds = stepFor(times)
      const answer = document.hidden ? undefined : await this.#ask(times, stepSeconds)
      if (isOver) return
      if (answer !== undefined) this.#answer = answer
      if (range.type === 'Fixed' && answer !== undefined) return
      timer = setTimeout(() => void ask(), this.#problem === undefined ? stepSeconds * 1000 : AGAIN_AFTER_TROUBLE_MS)
    }
    void ask()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }

  async #ask(range: TimeRange, stepSeconds: number): Promise<Answer | undefined> {
    try {
      const span = { ...wordsOf(range), step: `${String(stepSeconds)}s` }
      const samples = await this.#client.serviceSamples(this.#namespace, this.#name, span)
      this.#problem = undefined
      return { samples, range }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.#problem = error instanceof ApiError ? `orc answered ${String(error.code)}: ${message}` : message
      return undefined
    }
  }
}
