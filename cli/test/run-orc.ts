/** Runs the command line inside the test, with streams that the test reads: nothing is spawned. */
import { PassThrough } from 'node:stream'
import { runCli } from '../src/cli.ts'

export interface OrcOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly nowMs?: number
  /** Whether the three streams pretend to be a terminal. */
  readonly isTerminal?: boolean
}

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A command that goes on until it is interrupted. */
export interface Running {
  stdout(): string
  stderr(): string
  /** As Ctrl-C does. */
  interrupt(): void
  readonly ended: Promise<Ran>
}

export function orc(argv: readonly string[], options: OrcOptions = {}): Promise<Ran> {
  return startCommand(argv, options).ended
}

export function startCommand(argv: readonly string[], options: OrcOptions = {}): Running {
  const { cwd = '/nowhere', env = {}, nowMs, isTerminal = false, stdin = '' } = options
  const stdout = new Collector(isTerminal)
  const stderr = new Collector(isTerminal)
  const interruption = new AbortController()
  const input = Object.assign(new PassThrough(), { isTTY: isTerminal })
  input.end(stdin)
  const code = runCli(argv, {
    env,
    cwd,
    stdin: input,
    stdout,
    stderr,
    colorDepth: 1,
    nowMs: () => nowMs ?? Date.now(),
    interruption: () => interruption.signal,
  })
  return {
    stdout: () => stdout.text,
    stderr: () => stderr.text,
    interrupt() {
      interruption.abort()
    },
    ended: code.then((value) => ({ code: value, stdout: stdout.text, stderr: stderr.text })),
  }
}

class Collector extends PassThrough {
  readonly isTTY: boolean
  text = ''

  constructor(isTTY: boolean) {
    super()
    this.isTTY = isTTY
    this.setEncoding('utf8')
    this.on('data', (piece: string) => {
      this.text += piece
    })
  }
}
