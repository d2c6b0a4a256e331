/** The daemon: from its command line to its exit code. What ends services is the mode, not the signal. */
import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { readConfig, UsageError, type Config } from './config.ts'
import { acquireLock } from './lock.ts'
import { streamLog, type Log } from './log.ts'
import { Manager } from './manager.ts'
import { Signals, STOP_ALL } from './signals.ts'
import { prepareStateDirectory, removeControllerFile, writeControllerFile } from './state-directory.ts'

export const VERSION = '0.1.0'

export interface Streams {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
}

/** Runs until it is told to end. Exit codes: 0 ended as asked, 1 failed, 2 wrong usage. */
export async function main(args: readonly string[], { stdout, stderr }: Streams = process): Promise<number> {
  const log = streamLog(stderr)
  try {
    if (process.platform !== 'linux')
      throw new UsageError('orc runs services on Linux only; CLI, SDK and dashboard work anywhere')
    const config = readConfig(args, process.env, process.cwd())
    return await run(config, log, stdout)
  } catch (error) {
    if (error instanceof UsageError) {
      stderr.write(`orc: ${error.message}\n`)
      return 2
    }
    log.error('the controller cannot go on', error)
    return 1
  }
}

async function run(config: Config, log: Log, stdout: NodeJS.WritableStream): Promise<number> {
  process.umask(0o077)
  const paths = prepareStateDirectory(config.stateDir)
  const lock = acquireLock(paths.lock)
  if (lock === undefined) {
    log.warn(`another controller already uses ${config.stateDir}; see "orc status", end it with "orc down"`)
    return 1
  }
  const manager = new Manager({
    config,
    paths,
    log,
    version: VERSION,
    dashboardDir: findDashboard(),
    env: { ...process.env },
  })
  // Heard from the first moment on: whoever sees that the controller is ready may tell it to end.
  const signals = new Signals(config.mode)
  try {
    if (config.onlyStopServices) {
      await manager.stopLeftovers()
    } else {
      const server = await manager.start()
      writeControllerFile(paths.controller, { ...manager.identity(), server })
      if (config.mode === 'Foreground') stdout.write(banner(config, manager.dashboardLink()))
      await untilTold(signals, { config, manager, log })
      removeControllerFile(paths.controller)
    }
  } finally {
    await manager.close()
    signals.close()
    lock.release()
  }
  return 0
}

interface Ending {
  readonly config: Config
  readonly manager: Manager
  readonly log: Log
}

/** Resolves when the controller is to end; services that are to end with it have ended by then. */
async function untilTold(signals: Signals, { config, manager, log }: Ending): Promise<void> {
  const why = await signals.next()
  if (why !== STOP_ALL && config.onTerminate === 'LeaveRunning') {
    log.info(`${why}: the controller ends, the services go on`)
    return
  }
  log.info(`${why}: stopping the services; once more leaves them running`)
  let told = 0
  const stopped = manager.stopServices((left) => {
    if (left !== told) log.info(`${String(left)} service${left === 1 ? '' : 's'} still to end`)
    told = left
  })
  const again = await Promise.race([stopped.then(() => undefined), signals.next()])
  if (again !== undefined) log.warn(`${again}: leaving what still runs; the next start takes it over`)
}

/** Beside the bundle in an installed package; in its workspace in a checkout. */
function findDashboard(): string | undefined {
  const here = path.dirname(fileURLToPath(import.meta.url))
  return [path.join(here, 'dashboard'), path.join(here, '../../dashboard/build')].find((directory) =>
    existsSync(path.join(directory, 'index.html')),
  )
}

function banner(config: Config, link: string): string {
  const relative = (directory: string): string => path.relative(process.cwd(), directory) || '.'
  return `
  orc ${VERSION} is running.

  dashboard   ${link}
              (the link signs you in once; "orc dashboard" prints a new one)
  manifests   ${relative(config.manifestsDir)}   save a YAML file there and it runs; delete it and it stops
  state       ${relative(config.stateDir)}

  try         orc get agentservices
              orc logs -f NAME      orc describe agentservice NAME
              orc run NAME --port -- python3 app.py
              (in a clone of the source: ./orc ...)

  Ctrl-C ends orc and ${config.onTerminate === 'StopServices' ? 'the services' : 'leaves the services running'}.

`
}

const isEntry =
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))
if (isEntry) process.exit(await main(process.argv.slice(2)))
