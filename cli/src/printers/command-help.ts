/** `orc <command> --help`: what it is for, how it is written, options, details, examples. */
import type { Definition } from 'clipanion'
import type { CommandEntry } from '../commands.ts'
import type { OrcContext } from '../orc-context.ts'
import { colorsOf } from './colors.ts'
import { formatTable, type Row } from './table.ts'

/** `synopsis`: the arguments, when the class gives them in a better form than is made from its fields. */
export function formatCommandHelp(
  { name, aliases, summary }: CommandEntry,
  { definition, synopsis }: { readonly definition: Definition; readonly synopsis: string | undefined },
  context: OrcContext,
): string {
  const { strong, quiet } = colorsOf(context)
  const section = (title: string, text: string): string => (text === '' ? '' : `\n${strong(title)}\n${text}`)
  const usage = synopsis === undefined ? `${withValueNames(definition.usage)} [options]` : `orc ${name} ${synopsis}`
  const options = definition.options.flatMap(optionRows)
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

const DESCRIPTION_WIDTH = 72

/** A long description goes on in the next rows. */
function optionRows({ definition, description = '' }: Definition['options'][number]): Row[] {
  const [first = '', ...more] = description.match(new RegExp(`.{1,${String(DESCRIPTION_WIDTH)}}(?=\\s|$)`, 'g')) ?? []
  return [[withValueNames(definition).replaceAll(',', ', '), first], ...more.map((line) => ['', line.trim()])]
}

/** `--tail #0` as `--tail <tail>`, `--state-dir #0` as `--state-dir <dir>`. */
function withValueNames(usage: string): string {
  return usage.replaceAll(/--([a-z-]+-)?([a-z]+) #0/g, '--$1$2 <$2>').replaceAll(/ #0/g, ' <value>')
}

function indent(text: string): string {
  return text === '' ? '' : `${text.replaceAll(/^(?=.)/gm, '  ').replaceAll(/ +$/gm, '')}\n`
}
