/** What a field is for, and which fields are below it, in kubectl's form. Pure. */
import type { JsonSchema, ResourceName } from '@orc/schemas'
import type { Colors } from '../printers/colors.ts'
import { elementOf, typeName } from './field.ts'

export interface Explained {
  readonly resource: ResourceName
  /** Empty for the kind itself. */
  readonly path: readonly string[]
  readonly schema: JsonSchema
  readonly isRequired: boolean
}

const WIDTH = 80

export function formatExplanation({ resource, path, schema, isRequired }: Explained, colors: Colors): string {
  const { group, kind, version } = resource
  const element = elementOf(schema)
  const name = path.at(-1)
  const field = name === undefined ? '' : `FIELD: ${fieldHead(name, schema, isRequired)}\n\n`
  const own = factsOf(schema).map((fact) => `    ${fact}\n`)
  const words = [schema.description ?? '', ...(element === schema ? [] : [element.description ?? ''])]
  const descriptions = [...new Set(words.filter((text) => text !== ''))].map((text) => wrapped(text, '    '))
  const fields = fieldsOf(element)
  return (
    `${group === '' ? '' : `GROUP:      ${group}\n`}KIND:       ${kind}\nVERSION:    ${version}\n\n${field}` +
    `${colors.strong('DESCRIPTION:')}\n${descriptions.join('')}${own.join('')}` +
    (fields.length === 0 ? '' : `\n${colors.strong('FIELDS:')}\n${fields.map(fieldText).join('\n')}`)
  )
}

/** Names and types alone, of all that is below. */
export function formatFieldTree(schema: JsonSchema, indent = '  '): string {
  return fieldsOf(elementOf(schema))
    .map((field) => `${indent}${fieldHead(...field)}\n${formatFieldTree(field[1], `${indent}  `)}`)
    .join('')
}

type Field = readonly [name: string, schema: JsonSchema, isRequired: boolean]

function fieldsOf({ properties = {}, required = [] }: JsonSchema): readonly Field[] {
  return Object.entries(properties).map(([name, schema]) => [name, schema, required.includes(name)])
}

function fieldHead(name: string, schema: JsonSchema, isRequired: boolean): string {
  return `${name}\t<${typeName(schema)}>${isRequired ? ' -required-' : ''}`
}

function fieldText([name, schema, isRequired]: Field): string {
  const facts = factsOf(schema).map((fact) => `  ${fact}\n`)
  const description = schema.description ?? elementOf(schema).description ?? ''
  return `  ${fieldHead(name, schema, isRequired)}\n${facts.join('')}${wrapped(description, '    ')}`
}

/** What can be said in a line each. */
function factsOf(schema: JsonSchema): readonly string[] {
  const { enum: values, default: fallback, 'x-orc-pending': pending } = schema
  return [
    ...(values === undefined ? [] : [`enum: ${values.map(String).join(', ')}`]),
    ...(fallback === undefined
      ? []
      : wrapped(`default: ${valueText(fallback)}`, '')
          .trimEnd()
          .split('\n')),
    ...rangeOf(schema),
    ...(pending === undefined ? [] : [`has no effect yet: ${pending}`]),
  ]
}

/** With spaces, so that it can be broken into lines. */
function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value).replaceAll(',"', ', "')
}

function rangeOf({ minimum, maximum }: JsonSchema): readonly string[] {
  if (typeof minimum === 'number' && typeof maximum === 'number')
    return [`range: ${String(minimum)} to ${String(maximum)}`]
  if (typeof minimum === 'number') return [`range: ${String(minimum)} and more`]
  return typeof maximum === 'number' ? [`range: up to ${String(maximum)}`] : []
}

/** Lines that end with a line feed; none for no text. */
function wrapped(text: string, indent: string): string {
  const fitting = new RegExp(`\\S.{0,${String(WIDTH - indent.length - 2)}}(?=\\s|$)|\\S+`, 'gu')
  return (text.match(fitting) ?? []).map((line) => `${indent}${line.trimEnd()}\n`).join('')
}
