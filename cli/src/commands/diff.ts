/** `orc diff`: what applying files would change. */
import { Command, Option, UsageError } from 'clipanion'
import { ApiCommand } from '../api-command.ts'
import { explain } from '../failure.ts'

/** As kubectl's: more than 1, which says that there are differences. */
const FAILED = 2

export class DiffCommand extends ApiCommand {
  static override paths = [['diff']]
  static override synopsis = '-f FILE|DIRECTORY|- ... [options]'
  static override usage = Command.Usage({
    details: `
      Shows what is there against what \`orc apply\` would make of it, and for each service whether replicas restart and
      which fields ask for it. Nothing is changed. Values of Secrets are not shown.

      Exit code 0 = no differences, 1 = differences, 2 = it could not be found out. ORC_EXTERNAL_DIFF or
      KUBECTL_EXTERNAL_DIFF names another program, which gets two directories.
    `,
    examples: [
      ['Before applying', 'orc diff -f web.yaml && echo nothing to do'],
      ['With a program of your own', 'ORC_EXTERNAL_DIFF="diff -u -N --color" orc diff -f agents/'],
    ],
  })

  namespace = Option.String('-n,--namespace', { description: 'namespace of objects that name none' })
  files = Option.Array('-f,--filename', [], { description: 'file, directory, or - for standard input; repeatable' })
  recursive = Option.Boolean('-R,--recursive', false, { description: 'also directories below a directory' })

  override async execute(): Promise<number> {
    if (this.files.length === 0) throw new UsageError('name what to compare: -f FILE, -f DIRECTORY or -f -')
    const { cwd, stdin, stderr } = this.context
    try {
      const { readSources } = await import('../apply/source.ts')
      const sources = await readSources(this.files, { cwd, stdin, recursive: this.recursive })
      const { diffSources } = await import('../diff/diff.ts')
      const connect = () => this.connect()
      return await diffSources({ sources, namespace: this.namespace, context: this.context, connect })
    } catch (error) {
      stderr.write(`error: ${explain(error).text}\n`)
      return FAILED
    }
  }
}
