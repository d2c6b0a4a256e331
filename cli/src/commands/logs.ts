/** `orc logs`: what services wrote. */
import type { LogLevel, LogOptions, OrcClient } from '@orc/sdk/client'
import { Command, Option, UsageError } from 'clipanion'
import { NamespacedCommand } from '../api-command.ts'
import { explain } from '../failure.ts'
import { followLogs } from '../logs/follow.ts'
import { copyLogs } from '../logs/stream.ts'
import { logTargets, parseTarget, selectedTargets, type LogTargets } from '../logs/targets.ts'
import { parseCount, parseDuration, parseMoment } from '../numbers.ts'
import { INTERRUPTED } from '../orc-context.ts'
import { colorsOf } from '../printers/colors.ts'

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const satisfies readonly LogLevel[]

export class LogsCommand extends NamespacedCommand {
  static override paths = [['logs']]
  static override synopsis = 'NAME|-l SELECTOR [-f] [--previous] [--tail N] [options]'
  static override usage = Command.Usage({
    details: `
      NAME is a service or a pod. Of a service with several replicas all logs are shown, each line after the name of its
      replica. With \`-f\` the log goes on across restarts of the process and of the controller, and with replicas that
      come later; Ctrl-C ends it.
    `,
    examples: [
      ['The last lines, and what comes', 'orc logs web -f --tail 20'],
      ['What the process wrote before it was restarted', 'orc logs web --previous'],
      ['Of the last quarter of an hour, with times', 'orc logs web --since 15m --timestamps'],
      ['One of several replicas', 'orc logs worker-2'],
      ['What went wrong in the last day, in a program that logs JSON', 'orc logs web --level error --since 1d'],
    ],
  })

  follow = Option.Boolean('-f,--follow', false, { description: 'go on with what comes' })
  previous = Option.Boolean('-p,--previous', false, { description: 'of the run before the present one' })
  selector = Option.String('-l,--selector', { description: 'of pods with these labels; the last 10 lines of each' })
  tail = Option.String('--tail', { description: 'only the last lines' })
  since = Option.String('--since', { description: 'only what was written in the last 90s, 5m, 1h30m, 2d' })
  sinceTime = Option.String('--since-time', { description: 'only what was written since (2026-03-01T12:00:00Z)' })
  until = Option.String('--until', { description: 'only what was written by then (a time), or more than 5m ago' })
  grep = Option.String('--grep', { description: 'only lines with this in them; of the last lines, with --tail' })
  level = Option.String('--level', {
    description: `only JSON lines of this level or a graver one: ${LEVELS.join(', ')}`,
  })
  timestamps = Option.Boolean('--timestamps', false, { description: 'each line after the time when it was written' })
  limitBytes = Option.String('--limit-bytes', { description: 'end after so many bytes of each log' })
  raw = Option.Boolean('--raw', false, { description: 'do not strip control characters' })
  name = Option.String({ name: 'NAME', required: false })

  override async execute(): Promise<number> {
    const options = this.#options()
    const findTargets = this.#targets()
    const { client } = await this.connect()
    const targets = await findTargets(client)
    const signal = this.follow ? this.context.interruption() : new AbortController().signal
    const { namespace, raw, context } = this
    const paints = colorsOf(context).series
    const request = { client, namespace, options, raw, paints, signal }
    // These are over when the server ends them; there is nothing to go on with.
    const errors =
      this.follow && !this.previous && options.limitBytes === undefined
        ? await followLogs({ ...request, targets }, context)
        : await copyLogs({ ...request, pods: targets.pods }, context.stdout)
    for (const error of errors) context.stderr.write(`error: ${explain(error).text}\n`)
    if (signal.aborted) return INTERRUPTED
    return errors.length > 0 ? 1 : 0
  }

  #options(): LogOptions {
    const { follow, previous, timestamps, since, sinceTime, limitBytes } = this
    if (since !== undefined && sinceTime !== undefined) throw new UsageError('give --since or --since-time, not both')
    if (sinceTime !== undefined && Number.isNaN(Date.parse(sinceTime)))
      throw new UsageError(`--since-time must be a time such as 2026-03-01T12:00:00Z; got ${JSON.stringify(sinceTime)}`)
    const tailLines = this.#tailLines()
    return {
      ...this.#filters(),
      follow,
      previous,
      timestamps,
      ...(tailLines !== undefined && { tailLines }),
      ...(since !== undefined && { sinceSeconds: Math.ceil(parseDuration('--since', since) / 1000) }),
      ...(sinceTime !== undefined && { sinceTime: new Date(sinceTime).toISOString() }),
      ...(limitBytes !== undefined && { limitBytes: parseCount('--limit-bytes', limitBytes, Number.MAX_SAFE_INTEGER) }),
    }
  }

  #filters(): Pick<LogOptions, 'untilTime' | 'grep' | 'level'> {
    const { until, grep } = this
    if (until !== undefined && this.follow) throw new UsageError('give --follow or --until, not both')
    const level = LEVELS.find((each) => each === this.level?.toLowerCase())
    if (this.level !== undefined && level === undefined)
      throw new UsageError(`--level must be one of ${LEVELS.join(', ')}; got ${JSON.stringify(this.level)}`)
    return {
      ...(until !== undefined && { untilTime: parseMoment('--until', until) }),
      ...(grep !== undefined && { grep }),
      ...(level !== undefined && { level }),
    }
  }

  /** As kubectl: few lines where many logs are asked for at once. */
  #tailLines(): number | undefined {
    if (this.tail === undefined) return this.selector === undefined ? undefined : 10
    return this.tail === '-1' ? undefined : parseCount('--tail', this.tail)
  }

  #targets(): (client: OrcClient) => Promise<LogTargets> {
    const { name, selector, namespace } = this
    if (name !== undefined && selector !== undefined) throw new UsageError('give either NAME or -l SELECTOR, not both')
    if (selector !== undefined) return (client) => selectedTargets(client, selector, namespace)
    if (name === undefined) throw new UsageError('name a service or a pod, or select pods with -l SELECTOR')
    const target = parseTarget(name)
    return (client) => logTargets(client, target, namespace)
  }
}
