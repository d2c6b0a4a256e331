/** TypeScript types of all kinds, each named definition once. */
import { compile } from 'json-schema-to-typescript'

// "Exactly one of" is the validator's business; as a type it would be an intersection that no one can read.
const withoutChoices = (key, value) => (key === 'oneOf' || key === 'not' ? undefined : value)

export async function typesOf(sources, kinds) {
  const definitions = {}
  for (const schema of sources.values()) Object.assign(definitions, schema.definitions)
  for (const file of kinds) {
    const { $id: _id, $schema: _schema, definitions: _definitions, ...root } = sources.get(file)
    definitions[root.title] = root
  }
  const local = JSON.parse(JSON.stringify({ definitions }, withoutChoices).replaceAll('"meta.schema.json#', '"#'))
  const types = await compile({ title: 'Schemas', type: 'object', additionalProperties: false, ...local }, 'Schemas', {
    bannerComment: '',
    unreachableDefinitions: true,
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    style: { semi: false, singleQuote: true, printWidth: 120 },
  })
  // The wrapper that carries the definitions says nothing; its comments name a path inside it.
  return types
    .replace(/export interface Schemas \{\s*\}\s*/, '')
    .replaceAll(
      /\n? \*\n \* This interface was referenced by `Schemas`'s JSON-Schema\n \* via the `definition` "[^"]+"\.\n/g,
      '\n',
    )
}
