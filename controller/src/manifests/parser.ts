/** Decodes manifests without holding up the event loop: large files in a worker thread, which has a deadline. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { decode, type Decoded } from '@orc/schemas'

/** Below this size a file is decoded in less time than a message to a thread takes to be worth it. */
const LARGE = 16 * 1024
/** A file of the largest size allowed takes about a second on a slow host. */
const DEADLINE_MS = 10_000
/** The thread ends when it has had nothing to do for so long. */
const IDLE_MS = 10_000

/** Beside the bundle. When orc runs from its sources there is none, and large files are decoded in place. */
const WORKER = new URL('./decode-worker.js', import.meta.url)

export interface DecodeRequest {
  readonly id: number
  readonly text: string
}

export interface DecodeAnswer {
  readonly id: number
  readonly decoded: Decoded
}

interface Waiting {
  readonly resolve: (decoded: Decoded) => void
  readonly timer: NodeJS.Timeout
}

export class Parser {
  readonly #waiting = new Map<number, Waiting>()
  readonly #hasWorker = existsSync(fileURLToPath(WORKER))
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #nextId = 1

  decode(text: string): Promise<Decoded> {
    if (text.length < LARGE || !this.#hasWorker) return Promise.resolve(decode(text))
    const id = this.#nextId++
    clearTimeout(this.#idle)
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#giveUp('the file takes too long to read; split it')
      }, DEADLINE_MS)
      this.#waiting.set(id, { resolve, timer })
      this.#running().postMessage({ id, text } satisfies DecodeRequest)
    })
  }

  close(): void {
    clearTimeout(this.#idle)
    this.#giveUp('orc is ending')
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const worker = new Worker(WORKER)
    worker.unref()
    worker.on('message', ({ id, decoded }: DecodeAnswer) => {
      this.#settle(id, decoded)
    })
    worker.on('error', (error) => {
      if (this.#worker === worker) this.#giveUp(`the file cannot be read: ${error.message}`)
    })
    this.#worker = worker
    return worker
  }

  #settle(id: number, decoded: Decoded): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    clearTimeout(waiting?.timer)
    waiting?.resolve(decoded)
    if (this.#waiting.size > 0) return
    this.#idle = setTimeout(() => {
      void this.#worker?.terminate()
      this.#worker = undefined
    }, IDLE_MS).unref()
  }

  /** Ends the thread with all that it holds: which of the files was the bad one cannot be told from outside. */
  #giveUp(message: string): void {
    void this.#worker?.terminate()
    this.#worker = undefined
    for (const id of [...this.#waiting.keys()])
      this.#settle(id, { documents: [], errors: [{ line: 1, column: 1, message }] })
  }
}
