/** `orc confirm`: objects whose removal is held go. */
import { findResource, type ControllerInfo } from '@orc/schemas'
import { Command, Option } from 'clipanion'
import { ApiCommand } from '../api-command.ts'

export class ConfirmCommand extends ApiCommand {
  static override paths = [['confirm']]
  static override synopsis = '[NAME...] [options]'
  static override usage = Command.Usage({
    details: `
      When many objects vanish from the watched directory at once (more than 3 and more than 30 %, or all), orc stops
      nothing and holds their removal: a lost disk or a wrong checkout looks the same as a wish. Putting the files back
      ends the hold. This command ends it the other way: the objects go, and with services their processes.
    `,
    examples: [
      ['See what is held', 'orc confirm --list'],
      ['Let all of it go', 'orc confirm'],
      ['Let one service go', 'orc confirm web'],
    ],
  })

  list = Option.Boolean('--list', false, { description: 'only show what is held' })
  names = Option.Rest({ name: 'NAME' })

  override async execute(): Promise<number> {
    const { stdout } = this.context
    const { client } = await this.connect()
    const { holds } = await client.raw<ControllerInfo>({ method: 'GET', path: '/orc' })
    const meant = holds.filter(({ name }) => this.names.length === 0 || this.names.includes(name))
    if (meant.length === 0) {
      stdout.write(
        holds.length === 0
          ? 'Nothing is held.\n'
          : `None of these is held; held are ${holds.map(({ name }) => name).join(', ')}.\n`,
      )
      return holds.length === 0 ? 0 : 1
    }
    if (this.list) {
      for (const { kind, namespace, name, since } of meant)
        stdout.write(`${kind} ${namespace}/${name}, vanished at ${since}\n`)
      return 0
    }
    const { deleteObjects } = await import('../delete/delete.ts')
    const doomed = meant.flatMap(({ kind, namespace, name }) => {
      const resource = findResource(kind)
      return resource === undefined ? [] : [{ resource, name, namespace }]
    })
    return deleteObjects(client, doomed, { ...this.context, ignoreNotFound: true })
  }
}
