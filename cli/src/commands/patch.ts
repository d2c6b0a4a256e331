/** `orc patch`: a few fields of an object. */
import { Command, Option, UsageError } from 'clipanion'
import { NamespacedCommand } from '../api-command.ts'
import { namedOnly } from '../selection.ts'

export class PatchCommand extends NamespacedCommand {
  static override paths = [['patch']]
  static override synopsis = 'KIND NAME|KIND/NAME -p PATCH [options]'
  static override usage = Command.Usage({
    details: `
      A merge patch (RFC 7386), as JSON or YAML: what it names becomes as it says, null removes, lists are replaced as a
      whole. Only the bytes of these fields change in the manifest.
    `,
    examples: [
      ['One field', `orc patch agentservice web -p '{"spec":{"terminationGracePeriodSeconds":60}}'`],
      ['In YAML; null removes', "orc patch as/web -p 'spec: {livenessProbe: null}'"],
      ['From a file', 'orc patch agentservice web --patch-file night.yaml'],
    ],
  })

  patch = Option.String('-p,--patch', { description: 'the patch, as JSON or YAML' })
  patchFile = Option.String('--patch-file', { description: 'a file with the patch' })
  type = Option.String('--type', 'merge', { description: 'merge' })
  words = Option.Rest({ name: 'KIND NAME', required: 1 })

  override async execute(): Promise<number> {
    if (this.type !== 'merge')
      throw new UsageError(`--type must be merge, the only one that orc serves; got ${JSON.stringify(this.type)}`)
    const selections = namedOnly(this.words, 'patch')
    const { readPatch } = await import('../patch/read-patch.ts')
    const patch = await readPatch({ text: this.patch, file: this.patchFile, cwd: this.context.cwd })
    const { client } = await this.connect()
    const { patchObjects } = await import('../patch/patch.ts')
    return patchObjects({ client, selections, namespace: this.namespace, patch }, this.context)
  }
}
