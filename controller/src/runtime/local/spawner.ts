/**
 * Forks shims without forking the controller: Node's own spawn copies the page tables of its whole heap, 2 to 17 ms on
 * the main thread. The spawner is started at the first order and again when it has died; no run depends on it.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { spawnerScript } from './shim.ts'

export class Spawner {
  #child: ChildProcess | undefined
  readonly #setsid: string

  constructor() {
    const setsid = ['/usr/bin/setsid', '/bin/setsid'].find((file) => existsSync(file))
    if (setsid === undefined) throw new Error('the program setsid is missing: install util-linux (or busybox)')
    this.#setsid = setsid
  }

  /** Writes one order. It may get lost with the spawner: whoever orders must look whether the run was claimed. */
  send(order: string): void {
    this.#running().stdin?.write(order)
  }

  /** Ends the spawner; orders on their way are still carried out. */
  close(): void {
    this.#child?.stdin?.end()
    this.#child = undefined
  }

  #running(): ChildProcess {
    if (this.#child !== undefined) return this.#child
    const child = spawn('/bin/sh', ['-s'], { detached: true, cwd: '/', env: {}, stdio: ['pipe', 'ignore', 'ignore'] })
    const gone = (): void => {
      if (this.#child === child) this.#child = undefined
    }
    child.on('error', gone)
    child.on('exit', gone)
    child.stdin.on('error', gone)
    child.unref()
    // A pipe that is not waited for: the controller may end while the spawner lives.
    ;(child.stdin as unknown as { unref(): void }).unref()
    child.stdin.write(spawnerScript(this.#setsid))
    this.#child = child
    return child
  }
}
