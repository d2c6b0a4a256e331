/** Hears of runs that were claimed or ended: a file per slot in one shared directory, seen by inotify or at the next look. */
import { rmSync, watch, type FSWatcher } from 'node:fs'
import path from 'node:path'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { listDirectory } from './run-directory.ts'

/** inotify may drop a hint; this finds it. */
const RESCAN_MS = 2000

export interface ExitListener {
  /** Something happened to a slot; the key may be of a slot that is no more. */
  onKey(key: string): void
  /** Time to look at everything that may have ended without a file. */
  onRescan(): void
}

export class ExitWatch {
  readonly directory: string
  readonly #clock: Clock
  readonly #log: Log
  readonly #listener: ExitListener
  #watcher: FSWatcher | undefined
  #cancel: (() => void) | undefined
  #closed = false

  constructor(directory: string, { clock, log }: { clock: Clock; log: Log }, listener: ExitListener) {
    this.directory = directory
    this.#clock = clock
    this.#log = log
    this.#listener = listener
  }

  /** The directory must be there. Idempotent. */
  start(): void {
    if (this.#watcher !== undefined) return
    try {
      this.#watcher = watch(this.directory, (_event, name) => {
        this.#take(name)
      })
      this.#watcher.on('error', () => undefined)
    } catch (error) {
      this.#log.warn(
        `no inotify watch on ${this.directory} (${String(error)}); exits are found every ${String(RESCAN_MS / 1000)} s`,
      )
    }
    this.#schedule()
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
    this.#watcher?.close()
  }

  #take(key: string | null): void {
    if (key === null) return
    // Removed before the look, so that a file written after the look is a new hint.
    rmSync(path.join(this.directory, key), { force: true })
    this.#listener.onKey(key)
  }

  #schedule(): void {
    this.#cancel?.()
    this.#cancel = this.#clock.setTimer(RESCAN_MS, () => {
      if (this.#closed) return
      for (const key of listDirectory(this.directory)) this.#take(key)
      this.#listener.onRescan()
      this.#schedule()
    })
  }
}
