/** `orc stop`: services stay declared, but do not run. */
import { Command, Option } from 'clipanion'
import { parseDuration } from '../numbers.ts'
import { ServiceCommand } from '../service-command.ts'

export class StopCommand extends ServiceCommand {
  static override paths = [['stop']]
  static override synopsis = 'NAME... [--reason TEXT] [--for DURATION] [options]'
  static override usage = Command.Usage({
    details: `
      Sets \`spec.operatingMode: Stopped\` in the manifest. The reason is shown wherever the service is shown. With
      \`--for\` the service runs again by itself when the time is over; the file is not edited then.
    `,
    examples: [
      ['Stop a service', 'orc stop web --reason "the API is down"'],
      ['Stop two services for an hour and a half', 'orc stop web worker --for 1h30m'],
    ],
  })

  reason = Option.String('--reason', { description: 'why, in words for people' })
  duration = Option.String('--for', { description: 'for how long: 90s, 5m, 1h30m, 2d' })
  names = Option.Rest({ name: 'NAME', required: 1 })

  override execute(): Promise<number> {
    const until = this.#until()
    const spec = {
      operatingMode: 'Stopped',
      operatingModeReason: this.reason ?? null,
      operatingModeUntil: until ?? null,
    }
    const how = until === undefined ? '' : ` until ${until}`
    return this.patchEach(this.names, { spec }, (reference) => `${reference} stopped${how}`)
  }

  #until(): string | undefined {
    if (this.duration === undefined) return undefined
    const untilMs = this.context.nowMs() + parseDuration('--for', this.duration)
    return new Date(Math.ceil(untilMs / 1000) * 1000).toISOString().replace('.000Z', 'Z')
  }
}
