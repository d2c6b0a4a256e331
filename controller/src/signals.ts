/** What tells the controller to end: signals, and the loss of the npm that runs it. */
import type { Mode } from './config.ts'

/** What `orc down` sends: ends the services in every mode. */
export const STOP_ALL = 'SIGUSR2'

const PARENT_CHECK_MS = 500

/** Listens from its making until it is closed, and keeps the process alive. What is said before it is asked for is kept. */
export class Signals {
  readonly #said: string[] = []
  readonly #undo: (() => void)[] = []
  #asking: ((why: string) => void) | undefined

  constructor(mode: Mode) {
    for (const signal of ['SIGINT', 'SIGTERM', STOP_ALL] as const)
      this.#on(signal, () => {
        this.#say(signal)
      })
    // A daemon has no terminal that could hang up.
    this.#on('SIGHUP', () => {
      if (mode === 'Foreground') this.#say('SIGHUP')
    })
    // Killing npm does not reach what it runs; without this the controller would stay behind unseen.
    const isRunByNpm = process.env['npm_lifecycle_event'] !== undefined || process.env['npm_command'] !== undefined
    let parent = process.ppid
    const timer = setInterval(() => {
      if (!isRunByNpm || mode !== 'Foreground' || process.ppid === parent) return
      parent = process.ppid
      this.#say('npm is gone')
    }, PARENT_CHECK_MS)
    this.#undo.push(() => {
      clearInterval(timer)
    })
  }

  /** The next signal, or one that came earlier and was not asked for yet. */
  next(): Promise<string> {
    const said = this.#said.shift()
    if (said !== undefined) return Promise.resolve(said)
    return new Promise((resolve) => {
      this.#asking = resolve
    })
  }

  close(): void {
    for (const undo of this.#undo.splice(0)) undo()
  }

  #on(signal: NodeJS.Signals, listener: () => void): void {
    process.on(signal, listener)
    this.#undo.push(() => process.off(signal, listener))
  }

  #say(why: string): void {
    if (this.#asking === undefined) this.#said.push(why)
    else this.#asking(why)
    this.#asking = undefined
  }
}
