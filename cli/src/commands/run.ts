/** `orc run`: a command becomes a service. */
import { RESOURCES, type ControllerInfo } from '@orc/schemas'
import { ApiError, type OrcClient } from '@orc/sdk/client'
import { Command, Option } from 'clipanion'
import path from 'node:path'
import { NamespacedCommand } from '../api-command.ts'
import { Failure } from '../failure.ts'
import { parseCount, parseDuration } from '../numbers.ts'
import { plain } from '../printers/plain.ts'
import { conclude } from '../run/conclude.ts'
import { displayPath, manifestFileOf } from '../run/manifest-file.ts'
import { Progress } from '../run/progress.ts'
import { serviceOf } from '../run/service.ts'
import { waitUntilReady } from '../run/wait.ts'
import { referenceOf } from '../selection.ts'

export class RunCommand extends NamespacedCommand {
  static override paths = [['run'], ['add']]
  static override synopsis = 'NAME [options] -- COMMAND [ARGUMENT...]'
  static override usage = Command.Usage({
    details: `
      Declares a service and waits until it is ready. Its manifest is an ordinary file of the watched directory, which
      you can edit from then on; where it is, is printed.

      The command is a list of words, no shell takes it apart; for a pipe write \`-- sh -c 'a | b'\`. It runs in the
      current directory unless \`--dir\` says otherwise.
    `,
    examples: [
      ['A web server on whatever port is free (it finds it in PORT)', 'orc run web --port -- python3 app.py'],
      ['Three workers', 'orc run worker --replicas 3 --env QUEUE=mail -- node worker.mjs'],
    ],
  })

  port = Option.String('--port', {
    tolerateBoolean: true,
    description: 'it listens on a free port (PORT), or on N with --port=N; then it is ready',
  })
  dir = Option.String('--dir', { description: 'working directory (default: the current one)' })
  replicas = Option.String('--replicas', { description: 'how many (default 1)' })
  env = Option.Array('--env', [], { description: 'KEY=VALUE; repeatable' })
  noWait = Option.Boolean('--no-wait', false, { description: 'do not wait until it is ready' })
  timeout = Option.String('--timeout', '60s', { description: 'how long to wait (60s)' })
  name = Option.String({ name: 'NAME', required: true })
  command = Option.Rest({ name: 'COMMAND', required: 1 })

  override async execute(): Promise<number> {
    const timeoutMs = parseDuration('--timeout', this.timeout)
    const replicas = this.replicas === undefined ? undefined : parseCount('--replicas', this.replicas)
    const { client } = await this.connect()
    const { manifestsDir } = await client.raw<ControllerInfo>({ method: 'GET', path: '/orc' })
    await this.#declare(client, manifestsDir, replicas)
    this.context.stdout.write(`${await this.#where(client, manifestsDir)}\n`)
    return this.noWait ? 0 : this.#waitFor(client, timeoutMs)
  }

  async #declare(client: OrcClient, manifestsDir: string, replicas: number | undefined): Promise<void> {
    const service = serviceOf({
      name: this.name,
      namespace: this.namespace,
      command: this.command,
      directory: path.resolve(this.context.cwd, this.dir ?? '.'),
      manifestsDir,
      port: this.port === false ? undefined : this.port,
      replicas,
      env: this.env,
    })
    try {
      const { warnings } = await client.create(RESOURCES.agentservices, service)
      for (const warning of warnings) this.context.stderr.write(`Warning: ${plain(warning)}\n`)
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 409)) throw error
      throw new Failure(
        `${await this.#where(client, manifestsDir, 'is already there')}\n` +
          `Edit that file, take another name, or remove it first: orc remove ${this.name}`,
        { cause: error },
      )
    }
  }

  async #where(client: OrcClient, manifestsDir: string, what = 'created'): Promise<string> {
    const wanted = { kind: 'AgentService', namespace: this.namespace, name: this.name }
    const file = await manifestFileOf(client, manifestsDir, wanted)
    const place = file === undefined ? '' : ` (${displayPath(file, this.context.cwd)})`
    return plain(`${referenceOf(RESOURCES.agentservices, this.name)} ${what}${place}`)
  }

  async #waitFor(client: OrcClient, timeoutMs: number): Promise<number> {
    const { namespace, name } = this
    const progress = new Progress(this.context.stderr)
    const outcome = await waitUntilReady(client, {
      namespace,
      name,
      timeoutMs,
      signal: this.context.interruption(),
      onProgress: (message) => {
        progress.say(message)
      },
    }).finally(() => {
      progress.end()
    })
    return conclude(client, outcome, { namespace, name, timeoutMs }, this.context)
  }
}
