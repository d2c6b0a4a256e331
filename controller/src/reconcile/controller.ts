/** Works on the keys of a queue: a few workers, one pass at a time for each key, retries with growing waits. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Key, Reason } from '@orc/schemas'
import type { WorkQueue } from '../queue/work-queue.ts'

export interface Result {
  /** Ask for another pass after this time, above 0; absent: only when something adds the key. */
  readonly requeueAfterMs?: number
}

/**
 * Brings what one key stands for from what is to what should be.
 *
 * - Level-based: a pass acts on the state that it reads itself, never on the change that led to it. It gets a key and
 *   nothing else; the object may have changed again, or be gone, which is a state like any other.
 * - Idempotent: it may be called at any time, any number of times, also after it failed or the process died half-way.
 * - It may assume that no other pass for the same key runs, and that a change after its begin leads to another pass.
 *   It may not assume that each change gets a pass of its own, nor any order between keys.
 * - It does not wait for the world: it acts, returns, and asks for the next look by `requeueAfterMs`.
 * - Errors: a `TerminalError` is not retried before something adds the key; anything else thrown is, with growing
 *   waits. An agent that fails is no error but a state.
 * - `signal` aborts when the controller can wait no longer; what the pass throws then is ignored.
 */
export interface Reconciler {
  reconcile(key: Key, signal: AbortSignal): Promise<Result>
}

/** Trying again without a change is useless; `message` tells a person what to change. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError'
  readonly reason: Reason

  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

export interface ControllerOptions {
  /** For logs. */
  readonly name: string
  /** Its own: `stop` shuts it down. */
  readonly queue: WorkQueue
  readonly reconciler: Reconciler
  /** How many keys may be in work at once; default 4. */
  readonly workers?: number
  /** Hears of each failed pass; `retries` = failed passes of the key before this one. Must not throw. */
  readonly onError: (key: Key, error: unknown, retries: number) => void
}

/** Runs passes from `start` to `stop`, each once. A pass that fails, in whatever way, stops neither its worker nor others. */
export class Controller {
  readonly name: string
  readonly #queue: WorkQueue
  readonly #reconciler: Reconciler
  readonly #workers: number
  readonly #onError: ControllerOptions['onError']

  readonly #abort = new AbortController()
  readonly #running = new Set<Key>()
  #work: Promise<unknown> | undefined
  #stopping = false

  constructor({ name, queue, reconciler, workers = 4, onError }: ControllerOptions) {
    this.name = name
    this.#queue = queue
    this.#reconciler = reconciler
    this.#workers = workers
    this.#onError = onError
  }

  start(): void {
    this.#work ??= Promise.all(Array.from({ length: this.#workers }, () => this.#runWorker()))
  }

  /**
   * Begins no further pass and waits for the running ones. When `signal` aborts, theirs does too and the wait ends.
   * Returns the keys whose passes had not ended by then. Keys still queued are dropped: the next start adds them all.
   */
  async stop(signal?: AbortSignal): Promise<readonly Key[]> {
    this.#stopping = true
    this.#queue.shutDown()
    const ended = this.#work ?? Promise.resolve()
    await (signal === undefined ? ended : Promise.race([ended, aborted(signal)]))
    this.#abort.abort()
    return [...this.#running]
  }

  async #runWorker(): Promise<void> {
    for (let key = await this.#queue.get(); key !== undefined; key = await this.#queue.get()) {
      if (!this.#stopping) await this.#pass(key)
      this.#queue.done(key)
      // Passes that never wait for I/O would otherwise hold the event loop until the queue is empty.
      await nextTurn()
    }
  }

  async #pass(key: Key): Promise<void> {
    this.#running.add(key)
    try {
      const { requeueAfterMs } = await this.#reconciler.reconcile(key, this.#abort.signal)
      this.#queue.forget(key)
      if (requeueAfterMs !== undefined) this.#queue.addAfter(key, requeueAfterMs)
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#fail(key, error)
    } finally {
      this.#running.delete(key)
    }
  }

  #fail(key: Key, error: unknown): void {
    const retries = this.#queue.retries(key)
    if (error instanceof TerminalError) this.#queue.forget(key)
    else this.#queue.addRateLimited(key)
    try {
      this.#onError(key, error, retries)
    } catch {
      // There is nowhere left to say it, and the other keys must go on.
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
