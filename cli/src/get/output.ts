/** The forms in which `get` shows objects. What a form needs is loaded when it is asked for. */
import type { KubeObject } from '@orc/schemas'
import { UsageError } from 'clipanion'
import { asDocument, toJson, toNames } from '../printers/objects.ts'
import { plain } from '../printers/plain.ts'

export type Output = TableOutput | DocumentOutput

export interface TableOutput {
  readonly type: 'Table'
  readonly wide: boolean
}

export interface DocumentOutput {
  readonly type: 'Document'
  /** `isSingle`: one object was asked for by its name, so it stands for itself and not in a list. */
  format(items: readonly KubeObject[], isSingle: boolean): string
  /** Further objects, after those that were shown. */
  formatNext(items: readonly KubeObject[]): string
}

export interface OutputOptions {
  readonly withHead: boolean
}

type MakeOutput = (argument: string, options: OutputOptions) => Output | Promise<Output>

const TABLES: Readonly<Record<string, MakeOutput>> = {
  table: () => ({ type: 'Table', wide: false }),
  wide: () => ({ type: 'Table', wide: true }),
}
const DOCUMENTS: Readonly<Record<string, MakeOutput>> = {
  yaml: yamlOutput,
  json: () => eachAlone((value) => toJson(value)),
  name: () => ({ type: 'Document', format: toNames, formatNext: toNames }),
}
/** These say after `=` what is to be shown. */
const TEMPLATES: Readonly<Record<string, MakeOutput>> = {
  jsonpath: jsonPathOutput,
  'custom-columns': customColumnsOutput,
}

export const OUTPUTS: readonly string[] = [
  ...Object.keys({ ...TABLES, ...DOCUMENTS }),
  'jsonpath=TEMPLATE',
  'custom-columns=NAME:PATH,...',
]

/** A usage error when there is no such form, or its template cannot be read. */
export async function parseOutput(text: string, options: OutputOptions): Promise<Output> {
  const [, word = '', argument] = /^([^=]*)(?:=(.*))?$/su.exec(text) ?? []
  const forms = argument === undefined ? { ...TABLES, ...DOCUMENTS } : TEMPLATES
  const make = Object.hasOwn(forms, word) ? forms[word] : undefined
  if (make === undefined)
    throw new UsageError(`--output must be one of ${OUTPUTS.join(', ')}; got ${JSON.stringify(text)}`)
  return make(argument ?? '', options)
}

/** One document for what is there, and one for each object that follows. */
function eachAlone(format: (value: unknown) => string, mark = ''): Output {
  return {
    type: 'Document',
    format: (items, isSingle) => format(asDocument(items, isSingle)),
    formatNext: (items) => items.map((item) => mark + format(asDocument([item], true))).join(''),
  }
}

async function yamlOutput(): Promise<Output> {
  const { toYaml } = await import('../yaml.ts')
  return eachAlone(toYaml, '---\n')
}

async function jsonPathOutput(text: string): Promise<Output> {
  const { formatTemplate, parseTemplate } = await import('../jsonpath/index.ts')
  const template = parseTemplate(text)
  return eachAlone((value) => plain(formatTemplate(template, value)))
}

async function customColumnsOutput(text: string, { withHead }: OutputOptions): Promise<Output> {
  const { CustomColumns } = await import('./custom-columns.ts')
  const columns = new CustomColumns(text, withHead)
  return { type: 'Document', format: (items) => columns.format(items), formatNext: (items) => columns.format(items) }
}
