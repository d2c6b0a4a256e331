/** Waits until a file that is being written stands still, so that no half of a save is taken for the whole. */
import type { Clock } from '../clock.ts'

/** What a look at a file found. */
export interface Look<T> {
  /** Differs whenever the file was written in between. */
  readonly stamp: string
  /** It cannot be read, is empty, or says less than before: more likely a save in progress than a wish. */
  readonly suspicious: boolean
  readonly content: T
}

export const SETTLE_MS = { ordinary: 50, suspicious: 1000 } as const
/** chokidar tells two saves within its throttle as one, and may swallow the second: after a hint it is looked again. */
const LOOK_AGAIN_MS = [250, 1250] as const

export class Settler<T> {
  readonly #clock: Clock
  readonly #look: (path: string) => Promise<Look<T>>
  readonly #stamp: (path: string) => Promise<string>
  readonly #settled: (path: string, look: Look<T>) => Promise<void>
  readonly #onError: (path: string, error: unknown) => void
  readonly #busy = new Map<string, { again: boolean }>()
  #closed = false

  constructor(options: {
    readonly clock: Clock
    readonly look: (path: string) => Promise<Look<T>>
    /** The stamp alone, without reading the file. */
    readonly stamp: (path: string) => Promise<string>
    readonly settled: (path: string, look: Look<T>) => Promise<void>
    readonly onError: (path: string, error: unknown) => void
  }) {
    this.#clock = options.clock
    this.#look = options.look
    this.#stamp = options.stamp
    this.#settled = options.settled
    this.#onError = options.onError
  }

  /** `settled` is called once the file has stood still after this hint. Hints for a file that is looked at collapse. */
  hint(path: string): void {
    const busy = this.#busy.get(path)
    if (busy !== undefined) {
      busy.again = true
      return
    }
    const state = { again: false }
    this.#busy.set(path, state)
    this.#settle(path, state)
      .catch((error: unknown) => {
        this.#onError(path, error)
      })
      .finally(() => {
        this.#busy.delete(path)
        if (state.again && !this.#closed) this.hint(path)
      })
  }

  /** A file is being looked at: what it says is not applied yet. */
  get isBusy(): boolean {
    return this.#busy.size > 0
  }

  close(): void {
    this.#closed = true
  }

  #lookAgain(path: string, stamp: string, delayMs: number): void {
    this.#clock.setTimer(delayMs, () => {
      if (this.#closed || this.#busy.has(path)) return
      this.#stamp(path).then(
        (now) => {
          if (now !== stamp) this.hint(path)
        },
        (error: unknown) => {
          this.#onError(path, error)
        },
      )
    })
  }

  async #settle(path: string, state: { again: boolean }): Promise<void> {
    let look = await this.#look(path)
    let sinceMs = this.#clock.nowMs()
    while (!this.#closed) {
      state.again = false
      await new Promise<void>((resolve) => this.#clock.setTimer(SETTLE_MS.ordinary, resolve))
      if ((await this.#stamp(path)) !== look.stamp) {
        look = await this.#look(path)
        sinceMs = this.#clock.nowMs()
      } else if (!look.suspicious || this.#clock.nowMs() - sinceMs >= SETTLE_MS.suspicious) {
        if (!this.#closed) await this.#settled(path, look)
        for (const delayMs of LOOK_AGAIN_MS) this.#lookAgain(path, look.stamp, delayMs)
        return
      }
    }
  }
}
