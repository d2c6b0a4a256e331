/** `orc <command> --help`: what it is for, how it is written, options, details, examples. */
import type { Definition } from 'clipanion'
import type { CommandEntry } from '../commands.ts'
import type { OrcContext } from '../orc-context.ts'
import { colorsOf } from './colors.ts'
import { formatTable } from './table.ts'

/** `synopsis`: the arguments, when the class gives them in a better form than is made from its fields. */
export function formatCommandHelp(
  { name, aliases, summary }: CommandEntry,
  { definition, synopsis }: { readonly definition: Definition; readonly synopsis: string | undefined },
  context: OrcContext,
): string {
  const { strong, quiet } = colorsOf(context)
  const section = (title: string, text: string): string => (text === '' ? '' : `\n${strong(title)}\n${text}`)
  const usage = synopsis === undefined ? `${withValueNames(definition.usage)} [options]` : `orc ${name} ${synopsis}`
  const options = definition.options.map((option) => [
    withValueNames(option.definition).replaceAll(',', ', '),
    option.description ?? '',
  ])
  const examples = (definition.examples ?? []).map(([title, line]) => `  ${quiet(`# ${title.trim()}`)}\n  ${line}\n`)
  return (
    `${summary}.\n` +
    section('Usage', `  ${usage.trim()}\n${otherNames(aliases)}`) +
    section('Options', formatTable(options, { indent: '  ' })) +
    section('Details', indent((definition.details ?? '').trim())) +
    section('Examples', examples.join('\n'))
  )
}

function otherNames(aliases: readonly string[]): string {
  return aliases.length === 0 ? '' : `  (also: ${aliases.map((alias) => `orc ${alias}`).join(', ')})\n`
}

/** `--tail #0` as `--tail <tail>`. */
function withValueNames(usage: string): string {
  return usage.replaceAll(/--([a-z-]+) #0/g, '--$1 <$1>').replaceAll(/ #0/g, ' <value>')
}

function indent(text: string): string {
  return text === '' ? '' : `${text.replaceAll(/^(?=.)/gm, '  ').replaceAll(/ +$/gm, '')}\n`
}
