/** Decodes and edits manifests without holding up the event loop: large ones in a worker thread, which has a deadline. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Decoded } from '@orc/schemas'
import type { Edited } from './edit.ts'
import { carryOut, type Task } from './parser-task.ts'

/** Below this size a file is decoded in less time than a message to a thread takes to be worth it. */
const LARGE = 16 * 1024
/** A file of the largest size allowed takes about a second on a slow host. */
const DEADLINE_MS = 10_000
/** The thread ends when it has had nothing to do for so long. */
const IDLE_MS = 10_000

/** Beside the bundle. When orc runs from its sources there is none, and large files are decoded in place. */
const WORKER = new URL('./decode-worker.js', import.meta.url)

export interface TaskRequest {
  readonly id: number
  readonly task: Task
}

export interface TaskAnswer {
  readonly id: number
  readonly result: Decoded | Edited
}

interface Waiting {
  readonly resolve: (result: Decoded | Edited) => void
  readonly giveUp: (message: string) => Decoded | Edited
  readonly timer: NodeJS.Timeout
}

export class Parser {
  readonly #waiting = new Map<number, Waiting>()
  readonly #hasWorker = existsSync(fileURLToPath(WORKER))
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #nextId = 1
  /** A write reads what it has just tried, and what was loaded a moment ago: a large text is decoded once for all. */
  #latest: { readonly text: string; readonly decoded: Promise<Decoded> } | undefined

  /** The same text may give the same objects: they must not be changed. */
  decode(text: string): Promise<Decoded> {
    if (this.#latest?.text === text) return this.#latest.decoded
    const giveUp = (message: string): Decoded => {
      this.#latest = undefined
      return { documents: [], errors: [{ line: 1, column: 1, message }] }
    }
    const decoded = this.#do({ type: 'Decode', text }, giveUp) as Promise<Decoded>
    if (text.length >= LARGE) this.#latest = { text, decoded }
    return decoded
  }

  /** See `editDocument`. */
  async edit(text: string, index: number, before: unknown, wanted: unknown): Promise<Edited> {
    return (await this.#do({ type: 'Edit', text, index, before, wanted }, notEdited)) as Edited
  }

  /** See `removeDocument`. */
  async remove(text: string, index: number): Promise<Edited> {
    return (await this.#do({ type: 'Remove', text, index }, notEdited)) as Edited
  }

  close(): void {
    clearTimeout(this.#idle)
    this.#giveUp('orc is ending')
  }

  #do(task: Task, giveUp: Waiting['giveUp']): Promise<Decoded | Edited> {
    if (sizeOf(task) < LARGE || !this.#hasWorker) return Promise.resolve(carryOut(task))
    const id = this.#nextId++
    clearTimeout(this.#idle)
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#giveUp('the file takes too long to read; split it')
      }, DEADLINE_MS)
      this.#waiting.set(id, { resolve, giveUp, timer })
      this.#running().postMessage({ id, task } satisfies TaskRequest)
    })
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const worker = new Worker(WORKER)
    worker.unref()
    worker.on('message', ({ id, result }: TaskAnswer) => {
      this.#settle(id, () => result)
    })
    worker.on('error', (error) => {
      if (this.#worker === worker) this.#giveUp(`the file cannot be read: ${error.message}`)
    })
    this.#worker = worker
    return worker
  }

  #settle(id: number, resultOf: (waiting: Waiting) => Decoded | Edited): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    clearTimeout(waiting?.timer)
    waiting?.resolve(resultOf(waiting))
    if (this.#waiting.size > 0) return
    this.#idle = setTimeout(() => {
      void this.#worker?.terminate()
      this.#worker = undefined
      this.#latest = undefined
    }, IDLE_MS).unref()
  }

  /** Ends the thread with all that it holds: which of the files was the bad one cannot be told from outside. */
  #giveUp(message: string): void {
    void this.#worker?.terminate()
    this.#worker = undefined
    for (const id of [...this.#waiting.keys()]) this.#settle(id, ({ giveUp }) => giveUp(message))
  }
}

function notEdited(message: string): Edited {
  return { ok: false, reason: `${message}. It was not changed` }
}

/** A small file can be asked to become a large one. */
function sizeOf(task: Task): number {
  const more = task.type === 'Edit' && task.text.length < LARGE ? JSON.stringify(task.wanted).length : 0
  return Math.max(task.text.length, more)
}
