/** What a command is given of the world around it, so that tests can give it another one. */
import type { BaseContext } from 'clipanion'

export interface OrcContext extends BaseContext {
  readonly cwd: string
  /** Wall clock. */
  nowMs(): number
  /**
   * Aborted when a person presses Ctrl-C. Whoever asks for it takes over: from then on the key alone does not end the
   * program, so the caller must end soon after the signal.
   */
  interruption(): AbortSignal
}

/** Exit code of a program that Ctrl-C ended, as shells write it. */
export const INTERRUPTED = 130

export function isTerminal(stream: unknown): boolean {
  return (stream as { isTTY?: boolean }).isTTY === true
}

export function wantsColors({ stdout, env }: Pick<OrcContext, 'stdout' | 'env'>): boolean {
  return isTerminal(stdout) && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
}
