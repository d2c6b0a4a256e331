/** Runs before the first page: takes the one-time code out of the address bar. */
import { session } from '#lib/session.svelte.ts'

export function init(): void {
  session.start()
}
