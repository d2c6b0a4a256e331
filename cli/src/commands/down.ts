/** `orc down`: ends the controller and every service, also services that a killed controller left. */
import { Command, Option } from 'clipanion'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { findStateDir, isRunning, runningController } from '../controller-file.ts'

const DAEMON = fileURLToPath(new URL('./orcd.js', import.meta.url))
/** Asks a controller in whatever mode to end its services and itself. */
const STOP_ALL = 'SIGUSR2'

export class DownCommand extends Command {
  static override paths = [['down']]
  static override usage = Command.Usage({
    category: 'Controller',
    description: 'end the controller and all services',
    details: `
      Waits until every process is gone: each service gets its stop signal and its grace period.
      Manifests are not touched; the next \`orc up\` starts the services again.
    `,
    examples: [['End everything', 'orc down']],
  })

  stateDir = Option.String('--state-dir', {
    description: 'state directory (ORC_STATE_DIR, default ./.orc here or above)',
  })

  override async execute(): Promise<number> {
    const { stdout, env } = this.context
    const stateDir = findStateDir(this.stateDir, env)
    const controller = runningController(stateDir)
    if (controller !== undefined) {
      process.kill(controller.pid, STOP_ALL)
      stdout.write('stopping the services …\n')
      while (isRunning(controller)) await new Promise((resolve) => setTimeout(resolve, 50))
      stdout.write('orc and its services have ended.\n')
      return 0
    }
    if (!existsSync(path.join(stateDir, 'runs'))) {
      stdout.write(`orc is not running (no services in ${stateDir}).\n`)
      return 0
    }
    stdout.write('orc is not running; looking for services that it left …\n')
    return this.#stopLeftovers(stateDir)
  }

  #stopLeftovers(stateDir: string): Promise<number> {
    const child = spawn(process.execPath, [DAEMON, '--only-stop-services', '--state-dir', stateDir], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    return new Promise((resolve) => {
      child.on('exit', (code) => {
        if (code === 0) this.context.stdout.write('no service is left.\n')
        resolve(code ?? 1)
      })
    })
  }
}
