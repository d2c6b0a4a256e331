/** Waits for the world: looks again and again until there is an answer, and fails with a sentence at the deadline. */
import { setTimeout as sleep } from 'node:timers/promises'

const PATIENCE_MS = 20_000
const INTERVAL_MS = 10

/** `undefined` and `false` mean "not yet". An error that `look` throws is not waited out. */
export async function poll<T>(
  description: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs} ms in vain for ${description}`)
    await sleep(INTERVAL_MS)
  }
}
