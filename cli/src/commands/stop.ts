/** `orc stop`: services stay declared, but do not run. */
import { Command, Option } from 'clipanion'
import { parseDuration } from '../numbers.ts'
import { FleetCommand, type FleetChange } from '../fleet-command.ts'
import { awaitDown } from '../fleet/await-down.ts'

export class StopCommand extends FleetCommand {
  static override paths = [['stop']]
  static override synopsis = 'NAME...|--all|-l SELECTOR [--reason TEXT] [--for DURATION] [options]'
  static override usage = Command.Usage({
    details: `
      Sets \`spec.operatingMode: Stopped\` in the manifest. The reason is shown wherever the service is shown. With
      \`--for\` the service runs again by itself when the time is over; the file is not edited then.

      With \`--all\` or \`-l\` it asks first. Services that depend on others are stopped before these, and waited for:
      when one of them is not down in time, what it depends on stays as it is, and the exit code is 1. Those that are
      stopped without an end already stay as they are, with their reasons.
    `,
    examples: [
      ['Stop a service', 'orc stop web --reason "the API is down"'],
      ['Stop everything, those that depend on others first', 'orc stop --all -A --reason "maintenance"'],
      ['Stop two services for an hour and a half', 'orc stop web worker --for 1h30m'],
    ],
  })

  reason = Option.String('--reason', { description: 'why, in words for people' })
  duration = Option.String('--for', { description: 'for how long: 90s, 5m, 1h30m, 2d' })
  wait = Option.Boolean('--wait', true, {
    description: 'with --all or -l: wait until they are down (default; --no-wait)',
  })
  timeout = Option.String('--timeout', '5m', {
    description: 'with --all or -l: how long to wait for all together (5m)',
  })

  override execute(): Promise<number> {
    const until = this.#until()
    const spec = {
      operatingMode: 'Stopped',
      operatingModeReason: this.reason ?? null,
      operatingModeUntil: until ?? null,
    }
    const how = until === undefined ? '' : ` until ${until}`
    const timeoutMs = parseDuration('--timeout', this.timeout)
    return this.change({
      verb: 'stop',
      patch: { spec },
      say: (reference) => `${reference} stopped${how}`,
      concerns: ({ spec: current }) => current.operatingMode !== 'Stopped' || current.operatingModeUntil !== undefined,
      order: 'DependentsFirst',
      ...(this.wait && { settle: this.#settling(timeoutMs) }),
    })
  }

  /** The time runs from the first wave on: what a person answers before is not counted. */
  #settling(timeoutMs: number): NonNullable<FleetChange['settle']> {
    let limits: { readonly deadlineMs: number; readonly signal: AbortSignal } | undefined
    return async (client, changed) => {
      limits ??= { deadlineMs: performance.now() + timeoutMs, signal: this.context.interruption() }
      const left = await awaitDown(client, changed, limits)
      for (const { metadata } of left)
        this.context.stderr.write(`error: ${metadata.name} is not down yet; what it depends on is left as it is\n`)
      return left.length === 0
    }
  }

  #until(): string | undefined {
    if (this.duration === undefined) return undefined
    const untilMs = this.context.nowMs() + parseDuration('--for', this.duration)
    return new Date(Math.ceil(untilMs / 1000) * 1000).toISOString().replace('.000Z', 'Z')
  }
}
