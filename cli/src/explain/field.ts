/** Finds the schema of a field by its path, and names its type as kubectl does. Pure. */
import { didYouMean, type JsonSchema } from '@orc/schemas'

export type Found = { readonly schema: JsonSchema; readonly isRequired: boolean } | { readonly problem: string }

/** Below a list are the fields of its items. `path`: as `spec.livenessProbe.httpGet`, in parts. */
export function findField(root: JsonSchema, path: readonly string[]): Found {
  let schema = root
  let isRequired = false
  for (const [at, name] of path.entries()) {
    const { properties = {}, required = [] } = elementOf(schema)
    const next = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (next === undefined) {
      const where = path.slice(0, at).join('.')
      const near = didYouMean(name, Object.keys(properties))
      return { problem: `field ${JSON.stringify(name)} does not exist${where && ` in ${where}`}${near}` }
    }
    schema = next
    isRequired = required.includes(name)
  }
  return { schema, isRequired }
}

/** What holds the fields: a list has them in its items, a map in its values. */
export function elementOf(schema: JsonSchema): JsonSchema {
  if (schema.items !== undefined) return elementOf(schema.items)
  const { additionalProperties } = schema
  return typeof additionalProperties === 'object' ? elementOf(additionalProperties) : schema
}

/** `string`, `[]string`, `map[string]string`, `Probe`, `[]EnvVar`. */
export function typeName(schema: JsonSchema): string {
  const { items, additionalProperties, title } = schema
  if (items !== undefined) return `[]${typeName(items)}`
  if (typeof additionalProperties === 'object') return `map[string]${typeName(additionalProperties)}`
  if (schema['x-kubernetes-int-or-string'] === true) return 'IntOrString'
  const [type = 'Object'] = [schema.type ?? []].flat().filter((each) => each !== 'null')
  return type === 'object' ? (title ?? 'Object') : type
}
