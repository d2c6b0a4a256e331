/** `orc apply`: objects as files say. */
import { Command, Option, UsageError } from 'clipanion'
import type { PruneRequest } from '../apply/prune.ts'
import type { DryRun } from '../apply/write.ts'
import { ApiCommand } from '../api-command.ts'
import { parseDuration } from '../numbers.ts'

const DRY_RUNS: Readonly<Record<string, DryRun>> = { none: 'None', client: 'Client', server: 'Server' }

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

      With \`--prune\`, what an earlier \`orc apply\` has written into one of their namespaces and no given file declares
      any more is deleted: services, ConfigMaps and Secrets with the labels of \`-l\`, or \`--all\`. The list is shown first,
      with the files that would lose something. Nothing is pruned when something could not be applied.
    `,
    examples: [
      ['One file', 'orc apply -f web.yaml'],
      ['All files of a directory', 'orc apply -f agents/'],
      ['A directory and nothing else of its team', 'orc apply -f agents/ --prune -l team=a'],
      ['From another program', 'generate-manifests | orc apply -f -'],
    ],
  })

  namespace = Option.String('-n,--namespace', { description: 'namespace of objects that name none' })
  files = Option.Array('-f,--filename', [], { description: 'file, directory, or - for standard input; repeatable' })
  recursive = Option.Boolean('-R,--recursive', false, { description: 'also directories below a directory' })
  timeout = Option.String('--timeout', '15s', { description: 'how long to wait for a watched file (15s)' })

  prune = Option.Boolean('--prune', false, { description: 'delete what was applied and is not in the files' })
  selector = Option.String('-l,--selector', { description: '--prune: only with these labels (key=value,key,!key)' })
  all = Option.Boolean('--all', false, { description: '--prune: whatever the labels' })
  yes = Option.Boolean('-y,--yes', false, { description: '--prune: do not ask' })
  dryRun = Option.String('--dry-run', { description: 'client (only say), server (ask the controller) or none' })

  override async execute(): Promise<number> {
    if (this.files.length === 0) throw new UsageError('name what to apply: -f FILE, -f DIRECTORY or -f -')
    const dryRun = this.#dryRun()
    const prune = this.#prune()
    const timeoutMs = parseDuration('--timeout', this.timeout)
    const { readSources } = await import('../apply/source.ts')
    const { cwd, stdin } = this.context
    const sources = await readSources(this.files, { cwd, stdin, recursive: this.recursive })
    const { applySources } = await import('../apply/apply.ts')
    return applySources({
      sources,
      namespace: this.namespace,
      timeoutMs,
      dryRun,
      prune,
      context: this.context,
      connect: () => this.connect(),
    })
  }

  #dryRun(): DryRun {
    const found = DRY_RUNS[this.dryRun ?? 'none']
    if (found !== undefined) return found
    throw new UsageError(`--dry-run must be one of client, server, none; got ${JSON.stringify(this.dryRun)}`)
  }

  #prune(): PruneRequest | undefined {
    const isScoped = this.all || this.selector !== undefined
    if (!this.prune && isScoped) throw new UsageError('-l and --all go with --prune')
    if (!this.prune) return undefined
    if (!isScoped) throw new UsageError('--prune needs -l SELECTOR, or --all for whatever was applied')
    if (this.all && this.selector !== undefined) throw new UsageError('give either -l SELECTOR or --all, not both')
    return { selector: this.selector, yes: this.yes }
  }
}
