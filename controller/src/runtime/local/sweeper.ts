/** Ends what the main process of a run left behind, and says when nothing is left. One pass over /proc serves all. */
import type { Clock } from '../../clock.ts'
import type { ProcessIdentity } from './identity.ts'
import { findMembers, signalProcess, type RunTree } from './tree.ts'

interface Sweep {
  readonly tree: RunTree
  readonly done: () => void
}

/** Wait before the next pass: stragglers take a moment to die, and some (state D) never do. */
const AGAIN_MS = { first: 1, most: 1000 } as const

export class Sweeper {
  readonly #clock: Clock
  readonly #pending = new Map<string, Sweep>()
  #running: Promise<void> | undefined
  /** Ends the wait for the next pass. */
  #wake: () => void = () => undefined
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `done` once, after a pass that began after this call has found no member of the tree. */
  add(tree: RunTree, done: () => void): void {
    if (this.#pending.has(tree.runId)) return
    this.#pending.set(tree.runId, { tree, done })
    // What another tree keeps us waiting for is not this one's fault.
    this.#wake()
    this.#running ??= this.#sweep().finally(() => {
      this.#running = undefined
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#wake()
    await this.#running
  }

  async #sweep(): Promise<void> {
    let waitMs: number = AGAIN_MS.first
    while (this.#pending.size > 0 && !this.#closed) {
      const batch = [...this.#pending.values()]
      const members = await findMembers(batch.map(({ tree }) => tree))
      const finished = batch.filter(({ tree }) => !members.someoneIsLeaving && endAll(members.of.get(tree.runId) ?? []))
      for (const { tree, done } of finished) {
        this.#pending.delete(tree.runId)
        done()
      }
      if (finished.length === batch.length) {
        waitMs = AGAIN_MS.first
        continue
      }
      await this.#pause(waitMs)
      waitMs = Math.min(waitMs * 2, AGAIN_MS.most)
    }
  }

  async #pause(waitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.setTimer(waitMs, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
    this.#wake = () => undefined
  }
}

/** True when there was nothing to end. */
function endAll(members: readonly ProcessIdentity[]): boolean {
  for (const member of members) signalProcess(member, 'SIGKILL')
  return members.length === 0
}
