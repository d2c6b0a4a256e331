/** Which form of the answer the client takes, from its Accept header. */
import type { Failure } from './errors.ts'
import { badRequest, notAcceptable } from './errors.ts'
import { shown } from './parameters.ts'

/** `Object` = as stored; `Table` = rows of cells, as meta.k8s.io/v1 has it. */
export type Form = 'Object' | 'Table'
export type IncludeObject = 'None' | 'Metadata' | 'Object'

/** The first clause that can be served counts; weights are not looked at. */
export function negotiate(accept: string | undefined): Form | Failure {
  for (const clause of (accept ?? '*/*').split(',')) {
    const form = formOf(clause)
    if (form !== undefined) return form
  }
  return notAcceptable()
}

/** What a write answers: the object, or the manifest file as it would become. */
export type WriteForm = 'Object' | 'Manifest'

/** What the client takes beside that is not asked of an answer to a write: errors come as JSON too. */
export function negotiateWrite(accept: string | undefined, dryRun: boolean): WriteForm | Failure {
  for (const clause of (accept ?? '').split(',')) {
    const { type, parameters } = partsOf(clause)
    if (type !== 'application/json') continue
    const isManifest = ['as=manifest', 'v=v1alpha1', 'g=orc.dev'].every((parameter) => parameters.has(parameter))
    if (!isManifest) continue
    return dryRun ? 'Manifest' : badRequest('as=Manifest shows what would become of a file: it needs dryRun=All')
  }
  return 'Object'
}

function formOf(clause: string): Form | undefined {
  const { type, parameters } = partsOf(clause)
  if (!['application/json', 'application/*', '*/*'].includes(type)) return undefined
  const shape = [...parameters].find((parameter) => parameter.startsWith('as='))
  if (shape === undefined) return 'Object'
  const isTable = shape === 'as=table' && parameters.has('v=v1') && parameters.has('g=meta.k8s.io')
  return isTable ? 'Table' : undefined
}

function partsOf(clause: string): { readonly type: string; readonly parameters: ReadonlySet<string> } {
  const [type = '', ...rest] = clause.split(';').map((part) => part.trim().toLowerCase())
  return { type, parameters: new Set(rest.map((part) => part.replace(/\s*=\s*/, '='))) }
}

export function readIncludeObject(query: URLSearchParams): IncludeObject | Failure {
  const text = query.get('includeObject') ?? 'Metadata'
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text
  return badRequest(`includeObject must be None, Metadata or Object; got ${shown(text)}`)
}
