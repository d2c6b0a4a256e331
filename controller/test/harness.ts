/**
 * A real controller in a directory of its own: the bundle as a child process, on a free port, with real services.
 * Everything it starts is ended by `stop`, and `stop` fails when a process of it is left.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { OrcClient } from '@orc/sdk/client'
import { nodeTransport } from '@orc/sdk/client/node'

const DAEMON = path.resolve(import.meta.dirname, '../../cli/dist/orcd.js')

export interface OrcOptions {
  /** Text by file name, below the watched directory. */
  readonly manifests?: Readonly<Record<string, string>>
  /** Further files, relative to the directory that contains `manifests/`: agents, say. */
  readonly files?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Orc {
  readonly url: string
  readonly token: string
  /** Contains `manifests/` and `.orc/`. */
  readonly dir: string
  readonly manifestsDir: string
  readonly stateDir: string
  readonly client: OrcClient
  /** The process of the controller that runs at the moment. */
  readonly pid: number
  /** A link that signs a browser in once. */
  dashboardUrl(): Promise<string>
  /** Asks again and again until there is an answer; fails with the description after the time. */
  waitFor<T>(description: string, look: () => Promise<T | undefined> | T | undefined, timeoutMs?: number): Promise<T>
  /** SIGKILL to the controller alone. */
  kill(): Promise<void>
  /** A new controller on the same directory and address. */
  restart(): Promise<void>
  /** Everything that the controller wrote to stderr. */
  log(): string
  /** Ends the controller and its services, and removes the directory. */
  stop(): Promise<void>
}

export async function startOrc(options: OrcOptions = {}): Promise<Orc> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'orc-test-'))
  const manifestsDir = path.join(dir, 'manifests')
  const stateDir = path.join(dir, '.orc')
  await mkdir(manifestsDir)
  await writeAll(manifestsDir, options.manifests ?? {})
  await writeAll(dir, options.files ?? {})
  let output = ''
  let child = await launch().catch(async (error: unknown) => {
    await rm(dir, { recursive: true, force: true })
    throw error
  })

  async function launch(listen = '127.0.0.1:0'): Promise<ChildProcess> {
    const { first, last } = portRange()
    const args = [
      '--manifests',
      manifestsDir,
      '--state-dir',
      stateDir,
      '--listen',
      listen,
      '--port-range',
      `${String(first)}-${String(last)}`,
    ]
    const started = spawn(process.execPath, [DAEMON, ...args, '--detached', ...(options.args ?? [])], {
      cwd: dir,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (piece: Buffer) => {
        output += piece.toString()
      })
    await poll('the controller to be ready', () => {
      if (started.exitCode !== null)
        throw new Error(`the controller ended with ${String(started.exitCode)}:\n${output}`)
      return controllerFile(stateDir)?.pid === started.pid || undefined
    })
    return started
  }

  const orc: Orc = {
    get url() {
      return controllerFile(stateDir)?.server ?? ''
    },
    get token() {
      return readFileSync(path.join(stateDir, 'token'), 'utf8').trim()
    },
    dir,
    manifestsDir,
    stateDir,
    get client() {
      return new OrcClient(nodeTransport({ server: orc.url, token: orc.token }))
    },
    get pid() {
      return child.pid ?? 0
    },
    async dashboardUrl() {
      const { code } = await orc.client.raw<{ code: string }>({ method: 'POST', path: '/auth/codes', body: {} })
      return `${orc.url}/#code=${code}`
    },
    waitFor: (description, look, timeoutMs) => poll(description, look, timeoutMs, () => output),
    async kill() {
      child.kill('SIGKILL')
      await exited(child)
    },
    async restart() {
      const { host } = new URL(orc.url)
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await exited(child)
      }
      child = await launch(host)
    },
    log: () => output,
    async stop() {
      const runIds = await runIdsOf(stateDir)
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGUSR2')
        await exited(child)
      } else {
        const last = spawn(process.execPath, [DAEMON, '--only-stop-services', '--state-dir', stateDir], {
          stdio: 'ignore',
        })
        await exited(last)
      }
      const left = processesWith(runIds)
      for (const pid of left) process.kill(pid, 'SIGKILL')
      await rm(dir, { recursive: true, force: true })
      if (left.length > 0) throw new Error(`processes were left behind: ${left.join(', ')}\n${output}`)
    },
  }
  return orc
}

/** A few hundred ports at random, so that suites that run side by side rarely meet; each is bind-tested anyway. */
function portRange(): { first: number; last: number } {
  const first = 25_000 + Math.floor(Math.random() * 60) * 100
  return { first, last: first + 400 }
}

async function writeAll(dir: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(dir, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}

function controllerFile(stateDir: string): { pid: number; server: string } | undefined {
  const file = path.join(stateDir, 'controller.json')
  if (!existsSync(file)) return undefined
  return JSON.parse(readFileSync(file, 'utf8')) as { pid: number; server: string }
}

function exited(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else
      child.once('exit', () => {
        resolve()
      })
  })
}

export async function poll<T>(
  description: string,
  look: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 15_000,
  detail: () => string = () => '',
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`waited ${String(timeoutMs)} ms for ${description}\n${detail()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function runIdsOf(stateDir: string): Promise<Set<string>> {
  const entries = await readdir(path.join(stateDir, 'runs'), { recursive: true }).catch(() => [])
  const specs = entries.filter((entry) => entry.endsWith('spec.json'))
  const records = await Promise.all(
    specs.map((spec) => readFile(path.join(stateDir, 'runs', spec), 'utf8').catch(() => '{}')),
  )
  return new Set(records.map((text) => (JSON.parse(text) as { runId?: string }).runId ?? ''))
}

/** Processes that carry the marker of one of the runs. */
export function processesWith(runIds: ReadonlySet<string>): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const marker = /(?:^|\0)ORC_RUN_ID=([^\0]+)/.exec(readEnvironment(name))?.[1]
      return marker !== undefined && runIds.has(marker)
    })
    .map(Number)
}

function readEnvironment(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    return ''
  }
}
