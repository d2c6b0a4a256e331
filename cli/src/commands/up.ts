/** `orc up`: starts the controller, here or in the background. */
import { Command, Option } from 'clipanion'
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { readControllerFile, stateDirOf } from '../controller-file.ts'

/** The daemon lies beside this program in the bundle. Their interface is a command line, streams and an exit code. */
const DAEMON = new URL('./orcd.js', import.meta.url)

interface Daemon {
  main(
    args: readonly string[],
    streams: { stdout: NodeJS.WritableStream; stderr: NodeJS.WritableStream },
  ): Promise<number>
}

const READY_WITHIN_MS = 60_000

export class UpCommand extends Command {
  static override paths = [['up']]
  static override usage = Command.Usage({
    category: 'Controller',
    description: 'start the controller',
    details: `
      Watches a directory of manifests and keeps the declared services running, until it is told to end.
      In the foreground, Ctrl-C, SIGTERM, SIGHUP or the loss of npm end orc and its services; \`--leave-running\` leaves them.
      With \`-d\` it goes on in the background: SIGTERM leaves the services running, \`orc down\` ends both.
      A killed controller (SIGKILL) never takes services with it; the next \`orc up\` takes them over.
    `,
    examples: [
      ['Watch ./manifests', 'orc up'],
      ['Go on in the background', 'orc up -d'],
      ['Watch another directory on a free port', 'orc up --manifests agents --listen 127.0.0.1:0'],
    ],
  })

  manifests = Option.String('--manifests', { description: 'watched directory (ORC_MANIFESTS, default ./manifests)' })
  readOnlyManifests = Option.Array('--read-only-manifests', {
    description: 'a further directory, read and never written (ORC_READ_ONLY_MANIFESTS; may be given again)',
  })
  stateDir = Option.String('--state-dir', { description: 'state directory (ORC_STATE_DIR, default ./.orc)' })
  listen = Option.String('--listen', {
    description: 'HOST:PORT on this host (ORC_LISTEN, default 127.0.0.1:7420; port 0 = a free one)',
  })
  portRange = Option.String('--port-range', {
    description: 'ports to allocate from (ORC_PORT_RANGE, default 21000-24999)',
  })
  logQuota = Option.String('--log-quota', {
    description: 'most bytes of all logs (ORC_LOG_QUOTA, default 10Gi, or a tenth of the disk where that is less)',
  })
  reserveCpu = Option.String('--reserve-cpu', {
    description: 'CPU that no service may request, as a quantity or a share (ORC_RESERVE_CPU, default 0)',
  })
  reserveMemory = Option.String('--reserve-memory', {
    description: 'memory that no service may request, as a quantity or a share (ORC_RESERVE_MEMORY, default 5%)',
  })
  enforcement = Option.String('--enforcement', {
    description: 'Auto (limits by the kernel where it can) or Sampled (ORC_ENFORCEMENT, default Auto)',
  })
  detach = Option.Boolean('-d,--detach', false, { description: 'go on in the background' })
  leaveRunning = Option.Boolean('--leave-running', false, {
    description: 'leave the services running when told to end',
  })
  stopOnExit = Option.Boolean('--stop-on-exit', false, {
    description: 'end the services when told to end, also in the background',
  })

  adoptRoot = Option.Boolean('--adopt-root', false, { description: 'take another manifests directory than last time' })

  override async execute(): Promise<number> {
    const args = this.#daemonArguments()
    if (this.detach) return this.#detach(args)
    const daemon = (await import(DAEMON.href)) as Daemon
    return daemon.main(args, this.context)
  }

  #daemonArguments(): string[] {
    const values = {
      manifests: this.manifests,
      'state-dir': this.stateDir,
      listen: this.listen,
      'port-range': this.portRange,
      'log-quota': this.logQuota,
      'reserve-cpu': this.reserveCpu,
      'reserve-memory': this.reserveMemory,
      enforcement: this.enforcement,
    }
    const given = Object.entries(values).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}`, value]))
    for (const directory of this.readOnlyManifests ?? []) given.push('--read-only-manifests', directory)
    if (this.detach) given.push('--detached')
    if (this.leaveRunning) given.push('--leave-running')
    if (this.stopOnExit) given.push('--stop-on-exit')
    if (this.adoptRoot) given.push('--adopt-root')
    return given
  }

  async #detach(args: readonly string[]): Promise<number> {
    const { stdout, stderr, env } = this.context
    const stateDir = stateDirOf(this.stateDir, env)
    mkdirSync(stateDir, { recursive: true, mode: 0o700 })
    const logFile = path.join(stateDir, 'orc.log')
    const log = openSync(logFile, 'a', 0o600)
    const child = spawn(process.execPath, [fileURLToPath(DAEMON), ...args], {
      detached: true,
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    const server = await whenReady(child, stateDir)
    if (server === undefined) {
      stderr.write(`orc did not start; the end of ${logFile}:\n${lastLines(logFile)}`)
      return child.exitCode ?? 1
    }
    child.unref()
    stdout.write(
      `orc is running (pid ${String(child.pid)}) at ${server}; log: ${path.relative(process.cwd(), logFile)}\n`,
    )
    stdout.write('"orc status" looks at it, "orc dashboard" prints a link, "orc down" ends it and its services.\n')
    return 0
  }
}

/** The address once the daemon serves it; undefined when it ended, or was not ready in time. */
async function whenReady(child: ChildProcess, stateDir: string): Promise<string | undefined> {
  const failed = (): boolean => child.exitCode !== null || child.signalCode !== null || child.pid === undefined
  for (let waitedMs = 0; waitedMs < READY_WITHIN_MS && !failed(); waitedMs += 25) {
    const file = readControllerFile(stateDir)
    if (file !== undefined && file.pid === child.pid) return file.server
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return undefined
}

function lastLines(file: string): string {
  return `${readFileSync(file, 'utf8').trimEnd().split('\n').slice(-10).join('\n')}\n`
}
