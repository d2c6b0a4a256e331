/** `orc dashboard`: an address that signs a browser in, once. */
import { Command, Option } from 'clipanion'
import { ApiCommand } from '../api-command.ts'
import { openInBrowser } from '../open.ts'

interface Code {
  readonly code: string
  readonly expirationTimestamp: string
}

export class DashboardCommand extends ApiCommand {
  static override paths = [['dashboard']]
  static override synopsis = '[--open] [options]'
  static override usage = Command.Usage({
    details: `
      The address holds a code that is good for one sign-in within a short time. Whoever opens it can do everything: do
      not pass it on.
    `,
    examples: [
      ['Print the address', 'orc dashboard'],
      ['Open it in the browser', 'orc dashboard --open'],
    ],
  })

  isOpening = Option.Boolean('--open', false, { description: 'open it in the browser' })

  override async execute(): Promise<number> {
    const { client, server } = await this.connect()
    const { code } = await client.raw<Code>({ method: 'POST', path: '/auth/codes', body: {} })
    const address = `${server}/#code=${encodeURIComponent(code)}`
    this.context.stdout.write(`${address}\n`)
    if (!this.isOpening) return 0
    await openInBrowser(address, this.context.env)
    return 0
  }
}
