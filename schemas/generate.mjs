/** Turns the JSON Schemas of this folder into types, validators, CRD YAML and the field reference. Same input, same bytes. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { customResourceDefinition } from './generate/crd.mjs'
import { fieldReference } from './generate/docs.mjs'
import { reasonReference } from './generate/reasons.mjs'
import { inline } from './generate/inline.mjs'
import { typesOf } from './generate/types.mjs'
import { validatorsOf } from './generate/validators.mjs'

const here = import.meta.dirname
const read = (file) => JSON.parse(readFileSync(path.join(here, file), 'utf8'))
const files = ['meta', 'agent-service', 'config-map', 'secret', 'namespace'].map((name) => `${name}.schema.json`)
const sources = new Map(files.map((file) => [file, read(file)]))
const kinds = files.slice(1)
const inlined = new Map(kinds.map((file) => [sources.get(file).title, inline(sources.get(file), sources)]))
const header = '// Generated from the JSON Schemas of this workspace by generate.mjs; do not edit.\n'

function write(file, text) {
  const target = path.join(here, file)
  mkdirSync(path.dirname(target), { recursive: true })
  writeFileSync(target, text)
}

write('src/generated/types.ts', header + (await typesOf(sources, kinds)))
write('src/generated/validate.js', header + (await validatorsOf(sources, kinds)))
write(
  'src/generated/validate.d.ts',
  `${header}import type { ErrorObject } from 'ajv'
type Validator = { (value: unknown): boolean; errors?: ErrorObject[] | null }
${[...inlined.keys()].map((title) => `export declare const ${title}: Validator`).join('\n')}
`,
)
write(
  'src/generated/schemas.ts',
  `${header}import type { JsonSchema } from '../json-schema.ts'\n` +
    `export const schemas: Record<string, JsonSchema> = ${JSON.stringify(Object.fromEntries(inlined), null, 1)}\n`,
)
write('src/generated/index.ts', `${header}export * from './types.ts'\nexport { schemas } from './schemas.ts'\n`)
write('crd/agentservices.orc.dev.yaml', customResourceDefinition(inlined.get('AgentService')))
write('../docs/reference/agentservice.md', fieldReference(inlined.get('AgentService')))
write('../docs/reference/reasons.md', reasonReference(readFileSync(path.join(here, 'src/reasons.ts'), 'utf8')))
