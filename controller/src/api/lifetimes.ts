/** When streams end: the client goes, its credential or its time runs out, or the server closes. */
import type { Clock } from '../clock.ts'
import type { User } from './credentials.ts'
import type { Sink } from './sink.ts'

export class Lifetimes {
  readonly #clock: Clock
  readonly #open = new Set<AbortController>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#open.size
  }

  /** The signal is aborted once, at the first of the reasons; also when the sink has closed already. */
  begin(sink: Sink, { user, limitMs = Infinity }: { user: User | undefined; limitMs?: number }): AbortSignal {
    const controller = new AbortController()
    this.#open.add(controller)
    const end = (): void => {
      controller.abort()
    }
    const leftMs = Math.min(limitMs, (user?.expiresAtMs ?? Infinity) - this.#clock.nowMs())
    const cancel = leftMs === Infinity ? undefined : this.#clock.setTimer(leftMs, end)
    controller.signal.addEventListener('abort', () => {
      cancel?.()
      this.#open.delete(controller)
    })
    sink.onClose(end)
    user?.session?.ended.addEventListener('abort', end, { signal: controller.signal })
    return controller.signal
  }

  endAll(): void {
    for (const controller of [...this.#open]) controller.abort()
  }
}
