/** `orc delete`: objects go, by name or as files name them. */
import { Command, Option, UsageError } from 'clipanion'
import { NamespacedCommand } from '../api-command.ts'
import { parseSelection } from '../selection.ts'

export class DeleteCommand extends NamespacedCommand {
  static override paths = [['delete']]
  static override synopsis = 'KIND NAME...|KIND/NAME...|-f FILE... [options]'
  static override usage = Command.Usage({
    details: `
      Removes the object from its manifest, and the file when nothing is left in it. The processes of a service end as
      its spec says: stop signal, grace period. \`orc stop\` keeps the service and only stops it. Of a manifest the whole
      file is removed, with all that it declares.
    `,
    examples: [
      ['A service', 'orc delete agentservice web'],
      ['Everything that a file declares', 'orc delete -f web.yaml'],
      ['A file of the watched directory', 'orc delete manifest team/web.yaml'],
      ['What another command lists', 'orc delete $(orc get as -l team=a -o name)'],
    ],
  })

  files = Option.Array('-f,--filename', [], { description: 'file, directory, or - for standard input; repeatable' })
  recursive = Option.Boolean('-R,--recursive', false, { description: 'also directories below a directory' })
  ignoreNotFound = Option.Boolean('--ignore-not-found', false, { description: 'what is not there counts as deleted' })
  words = Option.Rest({ name: 'KIND NAME' })

  override async execute(): Promise<number> {
    const { deleteObjects, objectsOfFiles } = await import('../delete/delete.ts')
    const { cwd, stdin } = this.context
    const doomed =
      this.files.length > 0
        ? await objectsOfFiles(this.#onlyFiles(), { cwd, stdin, recursive: this.recursive, namespace: this.namespace })
        : this.#named()
    const { client } = await this.connect()
    return deleteObjects(client, doomed, { ...this.context, ignoreNotFound: this.ignoreNotFound })
  }

  #onlyFiles(): readonly string[] {
    if (this.words.length > 0) throw new UsageError('give either names or -f FILE, not both')
    return this.files
  }

  #named() {
    if (this.words.length === 0) throw new UsageError('name what to delete, for example: orc delete agentservice web')
    const selections = parseSelection(this.words)
    const nameless = selections.find(({ names }) => names.length === 0)
    if (nameless !== undefined)
      throw new UsageError(
        `name the ${nameless.resource.plural} to delete: orc delete ${nameless.resource.singular} NAME...`,
      )
    return selections.flatMap(({ resource, names }) =>
      names.map((name) => ({ resource, name, namespace: this.namespace })),
    )
  }
}
