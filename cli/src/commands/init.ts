/** `orc init`: something that runs, to begin with. */
import { Command, Option, UsageError } from 'clipanion'
import path from 'node:path'
import { createAll } from '../init/create.ts'
import { filesOf, nameFrom } from '../init/layout.ts'
import { TEMPLATES, type Template } from '../init/template.ts'
import type { OrcContext } from '../orc-context.ts'

const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

export class InitCommand extends Command<OrcContext> {
  static synopsis = '[DIRECTORY] [--template node|python] [--name NAME]'
  static override paths = [['init']]
  static override usage = Command.Usage({
    details: `
      Writes a program of the standard library alone, which serves HTTP on the port that orc gives it, answers
      /health and ends on SIGTERM, and \`manifests/NAME.yaml\`, which declares it. Where the directory or the current one
      has a \`manifests\` directory the manifest goes there; a controller that watches it starts the agent at once.

      A file that is already there is never overwritten: then nothing is written at all.
    `,
    examples: [
      ['A Python agent in a directory of its own', 'orc init my-agent --template python'],
      ['A Node.js agent here', 'orc init --template node --name greeter'],
    ],
  })

  template = Option.String('--template', 'node', { description: 'node or python (default node)' })
  agentName = Option.String('--name', { description: 'name of the service (default: that of the directory)' })
  directory = Option.String({ name: 'DIRECTORY', required: false })

  override async execute(): Promise<number> {
    const { cwd } = this.context
    const directory = path.resolve(cwd, this.directory ?? '.')
    const template = TEMPLATES.find((known) => known === this.template)
    if (template === undefined)
      throw new UsageError(`--template must be one of ${TEMPLATES.join(', ')}; got ${JSON.stringify(this.template)}`)
    const name = this.agentName ?? nameFrom(directory)
    if (!NAME.test(name))
      throw new UsageError(
        `--name must be lower-case letters, digits and "-", at most 63 (a DNS label); got ${JSON.stringify(name)}`,
      )
    const files = filesOf({ template, name, directory, cwd })
    await createAll(files, cwd)
    this.#say(
      name,
      template,
      files.map((file) => path.relative(cwd, file.path)),
    )
    return 0
  }

  #say(name: string, template: Template, files: readonly string[]): void {
    const { stdout } = this.context
    for (const file of files) stdout.write(`created ${file}\n`)
    const home = path.dirname(path.dirname(files[1] ?? ''))
    const place = home === '.' ? '' : `cd ${home} && `
    stdout.write(`\n${name} (${template}) runs as soon as orc watches ${path.join(home, 'manifests')}:\n`)
    stdout.write(`  ${place}orc up\n`)
  }
}
