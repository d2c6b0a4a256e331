/** A question to a command: exit code 0 passes. It runs as the service does, and never longer than its deadline. */
import spawn from 'cross-spawn'
import { codeOf, withinDeadline, type Answer } from './answer.ts'

/** Where and as what a command of a run is to run. */
export interface ExecContext {
  readonly workingDir: string
  /** Carries the marker of the run, so that what a command leaves behind ends with it. */
  readonly env: Readonly<Record<string, string>>
}

export interface ExecQuestion extends ExecContext {
  readonly command: readonly string[]
  readonly timeoutMs: number
}

/** Bytes of its output that are kept for the message. */
const OUTPUT_LIMIT = 1024

export function checkExec({ command, workingDir, env, timeoutMs }: ExecQuestion): Promise<Answer> {
  const [program = '', ...args] = command
  return withinDeadline(timeoutMs, `The command ${JSON.stringify(command.join(' '))}`, (settle) => {
    // Leads a group of its own, so that the deadline ends all of it.
    const child = spawn(program, args, { cwd: workingDir, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (piece: Buffer) => {
        if (output.length < OUTPUT_LIMIT) output += piece.toString()
      })
    const end = (): void => {
      // What it left behind may hold the pipes for ever.
      child.stdout?.destroy()
      child.stderr?.destroy()
    }
    child.on('error', (error) => {
      settle(false, `cannot be started (${codeOf(error)})`)
      end()
    })
    child.on('exit', (code, signal) => {
      // Its last words are read in the same turn or the next.
      setImmediate(() => {
        settle(code === 0, ending(code, signal, output))
        end()
      })
    })
    return () => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) killGroup(child.pid)
      end()
    }
  })
}

function ending(code: number | null, signal: NodeJS.Signals | null, output: string): string {
  if (code === 0) return 'exited with 0'
  const said = output.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
  return `${code === null ? `was ended by ${String(signal)}` : `exited with ${String(code)}`}${said === '' ? '' : `: ${said}`}`
}

/** The child is not reaped yet, so its number is nobody else's. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
