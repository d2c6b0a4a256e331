/** Runs one sample agent as a real process, and ends it by its pid when the test is over, whatever happened. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { poll } from './poll.ts'

export const EXAMPLES = path.resolve(import.meta.dirname, '../..')
export const MANIFESTS = path.resolve(EXAMPLES, '../manifests')

export interface AgentOrder {
  readonly command: readonly string[]
  /** Absolute. */
  readonly workingDir: string
  readonly env?: Readonly<Record<string, string>>
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** From the last signal that the test sent, or else from the start. */
  readonly afterMs: number
}

/** One line of stdout; `msg` is there in every one, the rest depends on it. */
export interface LogLine {
  readonly msg: string
  readonly level: string
  readonly [field: string]: unknown
}

export interface Agent {
  readonly pid: number
  readonly exited: Promise<Exit>
  stdout(): string
  stderr(): string
  /** Every complete line of stdout. Fails when one is not a JSON object with `time`, `level` and `msg`. */
  lines(): LogLine[]
  waitForLine(msg: string): Promise<LogLine>
  /** The address of the line "listening". */
  url(): Promise<string>
  kill(signal: NodeJS.Signals): Promise<Exit>
}

export function startAgent(order: AgentOrder): Agent {
  const [program = '', ...args] = order.command
  const child = spawn(program, args, {
    cwd: order.workingDir,
    // Without a port of its own an agent takes a free one and says which.
    env: { ...process.env, PORT: '0', PYTHONDONTWRITEBYTECODE: '1', ...order.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr, since] = ['', '', performance.now()]
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  // 'close' comes after the last output, 'exit' may come before.
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, afterMs: performance.now() - since }))
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })

  const agent: Agent = {
    pid: child.pid ?? 0,
    exited,
    stdout: () => stdout,
    stderr: () => stderr,
    lines: () => stdout.split('\n').slice(0, -1).map(parseLine),
    waitForLine(msg) {
      return poll(`the line "${msg}"`, () => {
        const line = agent.lines().find((each) => each.msg === msg)
        if (line === undefined && child.exitCode !== null)
          throw new Error(`exit ${child.exitCode}:\n${stdout}${stderr}`)
        return line
      })
    },
    async url() {
      return String((await agent.waitForLine('listening'))['url'])
    },
    kill(signal) {
      since = performance.now()
      child.kill(signal)
      return exited
    },
  }
  return agent
}

function parseLine(text: string): LogLine {
  const line = JSON.parse(text) as Partial<LogLine>
  const isComplete = [line['time'], line.level, line.msg].every((field) => typeof field === 'string')
  if (!isComplete || Number.isNaN(Date.parse(String(line['time'])))) throw new Error(`not a log line: ${text}`)
  return line as LogLine
}

/** A directory that is gone when the test is over. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'orc-example-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
