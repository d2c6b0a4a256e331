/** `orc logs`: what services wrote. */
import { Command, Option } from 'clipanion'
import { NamespacedCommand } from '../api-command.ts'
import { explain } from '../failure.ts'
import { copyLogs } from '../logs/stream.ts'
import { logTargets, parseTarget } from '../logs/targets.ts'
import { parseCount } from '../numbers.ts'
import { INTERRUPTED } from '../orc-context.ts'
import { colorsOf } from '../printers/colors.ts'

export class LogsCommand extends NamespacedCommand {
  static override paths = [['logs']]
  static override synopsis = 'NAME [-f] [--previous] [--tail N] [options]'
  static override usage = Command.Usage({
    details: `
      NAME is a service or a pod. Of a service with several replicas all logs are shown, each line after the name of its
      replica. With \`-f\` the log goes on across restarts of the process; Ctrl-C ends it.
    `,
    examples: [
      ['The last lines, and what comes', 'orc logs web -f --tail 20'],
      ['What the process wrote before it was restarted', 'orc logs web --previous'],
      ['One of several replicas', 'orc logs worker-2'],
    ],
  })

  follow = Option.Boolean('-f,--follow', false, { description: 'go on with what comes' })
  previous = Option.Boolean('-p,--previous', false, { description: 'of the run before the present one' })
  tail = Option.String('--tail', { description: 'only the last lines' })
  raw = Option.Boolean('--raw', false, { description: 'do not strip control characters' })
  name = Option.String({ name: 'NAME', required: true })

  override async execute(): Promise<number> {
    const tailLines = this.tail === undefined || this.tail === '-1' ? undefined : parseCount('--tail', this.tail)
    const target = parseTarget(this.name)
    const { client } = await this.connect()
    const pods = await logTargets(client, target, this.namespace)
    const signal = this.follow ? this.context.interruption() : new AbortController().signal
    const request = {
      client,
      namespace: this.namespace,
      pods,
      options: { follow: this.follow, previous: this.previous, ...(tailLines !== undefined && { tailLines }) },
      raw: this.raw,
      paints: colorsOf(this.context).series,
      signal,
    }
    const errors = await copyLogs(request, this.context.stdout)
    for (const error of errors) this.context.stderr.write(`error: ${explain(error).text}\n`)
    if (signal.aborted) return INTERRUPTED
    return errors.length > 0 ? 1 : 0
  }
}
