/** `orc apply`: objects as files say. */
import { Command, Option, UsageError } from 'clipanion'
import { ApiCommand } from '../api-command.ts'
import { parseDuration } from '../numbers.ts'

export class ApplyCommand extends ApiCommand {
  static override paths = [['apply']]
  static override synopsis = '-f FILE|DIRECTORY|- ... [options]'
  static override usage = Command.Usage({
    details: `
      All files are checked first, and every mistake is named with its line. A file with a mistake changes nothing at
      all; the others are applied.

      An object becomes as its file says. What the file is silent on and \`orc scale\`, \`orc stop\` or \`orc start\` have
      set stays: replicas and operatingMode.

      Files below the watched directory are not sent: the controller loads them by itself, and this command waits until
      it has, and says what came of it.
    `,
    examples: [
      ['One file', 'orc apply -f web.yaml'],
      ['All files of a directory', 'orc apply -f agents/'],
      ['From another program', 'generate-manifests | orc apply -f -'],
    ],
  })

  namespace = Option.String('-n,--namespace', { description: 'namespace of objects that name none' })
  files = Option.Array('-f,--filename', [], { description: 'file, directory, or - for standard input; repeatable' })
  recursive = Option.Boolean('-R,--recursive', false, { description: 'also directories below a directory' })
  timeout = Option.String('--timeout', '15s', { description: 'how long to wait for a watched file (15s)' })

  override async execute(): Promise<number> {
    if (this.files.length === 0) throw new UsageError('name what to apply: -f FILE, -f DIRECTORY or -f -')
    const timeoutMs = parseDuration('--timeout', this.timeout)
    const { readSources } = await import('../apply/source.ts')
    const { cwd, stdin } = this.context
    const sources = await readSources(this.files, { cwd, stdin, recursive: this.recursive })
    const { applySources } = await import('../apply/apply.ts')
    return applySources({
      sources,
      namespace: this.namespace,
      timeoutMs,
      context: this.context,
      connect: () => this.connect(),
    })
  }
}
