/** Validators compiled ahead of time: no eval at run time, and no ajv in what is shipped. */
import Ajv from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'
import { build } from 'esbuild'

const VOCABULARY = [
  'x-orc-pending',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-int-or-string',
  'x-kubernetes-preserve-unknown-fields',
]

const RFC_3339 =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/

export async function validatorsOf(sources, kinds) {
  const ajv = new Ajv({
    allErrors: true,
    useDefaults: true,
    allowUnionTypes: true,
    strictRequired: false,
    strictTypes: false,
    inlineRefs: false,
    code: { source: true, esm: true },
  })
  ajv.addFormat('date-time', RFC_3339)
  for (const keyword of VOCABULARY) ajv.addKeyword(keyword)
  for (const schema of sources.values()) ajv.addSchema(schema)
  const byName = Object.fromEntries(kinds.map((file) => [sources.get(file).title, file]))
  const result = await build({
    stdin: { contents: standalone.default(ajv, byName), resolveDir: import.meta.dirname, loader: 'js' },
    bundle: true,
    format: 'esm',
    write: false,
    minify: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
  })
  return result.outputFiles[0].text
}
