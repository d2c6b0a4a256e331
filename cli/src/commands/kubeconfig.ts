/** `orc kubeconfig`: how other programs reach the controller. */
import path from 'node:path'
import { Command, Option, UsageError } from 'clipanion'
import { NamespacedCommand } from '../api-command.ts'
import { locateKubeconfig, readContext } from '../connection.ts'
import { Failure } from '../failure.ts'

export class KubeconfigCommand extends NamespacedCommand {
  static override paths = [['kubeconfig']]
  static override synopsis = '[--merge [--kubeconfig-file FILE] [--name NAME]] [options]'
  static override usage = Command.Usage({
    details: `
      Prints server and token as a kubeconfig. With \`--merge\` they are added to the file that kubectl reads, as a
      context of their own: every other entry, comment and the current context stay.

      The token lets its holder do everything that orc can do.
    `,
    examples: [
      ['For one program', 'orc kubeconfig > orc.kubeconfig'],
      ['For kubectl', 'orc kubeconfig --merge && kubectl --context orc get pods'],
      ['A second controller', 'orc kubeconfig --merge --state-dir /srv/b/.orc --name orc-b'],
    ],
  })

  isMerging = Option.Boolean('--merge', false, { description: 'add it to a kubeconfig' })
  file = Option.String('--kubeconfig-file', { description: 'the file to add it to (~/.kube/config)' })
  name = Option.String('--name', 'orc', { description: 'name of cluster and context (orc)' })
  overwrite = Option.Boolean('--overwrite', false, { description: 'also when the name is that of another server' })

  override async execute(): Promise<number> {
    if (this.file !== undefined && !this.isMerging) throw new UsageError('--kubeconfig-file goes with --merge')
    const { stdout, stderr } = this.context
    const place = { kubeconfig: this.kubeconfig, stateDir: this.stateDir }
    const { cluster, user } = await readContext(locateKubeconfig(place, this.context))
    const entry = { name: this.name, cluster, user, namespace: this.namespace }
    const { mergeKubeconfig } = await import('../kubeconfig/merge.ts')
    if (!this.isMerging) {
      stdout.write(mergeKubeconfig('', entry, { file: '', overwrite: true }))
      return 0
    }
    const file = this.#file()
    const { changeFile } = await import('../kubeconfig/write.ts')
    await changeFile(file, (text) => mergeKubeconfig(text, entry, { file, overwrite: this.overwrite }))
    stdout.write(`context ${JSON.stringify(this.name)} is in ${file}\n`)
    if (cluster.server.startsWith('http://'))
      stderr.write('Warning: kubectl sends no token over plain HTTP; other clients may\n')
    return 0
  }

  #file(): string {
    const { cwd, env } = this.context
    if (this.file !== undefined) return path.resolve(cwd, this.file)
    if (!env['HOME']) throw new Failure('HOME is not set; give --kubeconfig-file FILE')
    return path.join(env['HOME'], '.kube/config')
  }
}
