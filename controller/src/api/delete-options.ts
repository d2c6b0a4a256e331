/** metav1.DeleteOptions, from the body and the query. */
import { JSON_TYPES, readBody, SMALL_BODY_BYTES } from './body.ts'
import type { Call } from './call.ts'
import { badRequest, Failure, invalid } from './errors.ts'
import { readPreconditions, type Preconditions } from './incoming.ts'
import { readDryRun } from './mutation.ts'
import { shown } from './parameters.ts'
import { isObject } from './patch.ts'

export interface Deletion {
  readonly preconditions: Preconditions
  readonly dryRun: boolean
  readonly gracePeriodSeconds?: number
}

export async function readDeletion({ request, query }: Call): Promise<Deletion | Failure> {
  const body = await readBody(request, { types: JSON_TYPES, limit: SMALL_BODY_BYTES, isOptional: true })
  if (body instanceof Failure) return body
  const options = body.value ?? {}
  if (!isObject(options)) return badRequest('the body must be DeleteOptions')
  const { dryRun: stages = [] } = options
  if (stages !== null && !Array.isArray(stages)) return badRequest('dryRun must be a list')
  const dryRun = readDryRun([...query.getAll('dryRun'), ...((stages ?? []) as unknown[])])
  if (dryRun instanceof Failure) return dryRun
  const grace = readGrace(query.get('gracePeriodSeconds') ?? options['gracePeriodSeconds'])
  if (grace instanceof Failure) return grace
  const preconditions = readPreconditions(options['preconditions'])
  if (preconditions instanceof Failure) return preconditions
  return (
    refusePolicy(options, query) ?? {
      preconditions,
      dryRun,
      ...(grace !== undefined && { gracePeriodSeconds: grace }),
    }
  )
}

/** As long as a manifest may say it. */
const MOST_GRACE_SECONDS = 3600

function readGrace(value: unknown): number | undefined | Failure {
  if (value === undefined || value === null) return undefined
  const seconds = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= 0 && seconds <= MOST_GRACE_SECONDS)
    return seconds
  const got = shown(JSON.stringify(value) ?? '')
  return badRequest(`gracePeriodSeconds must be a whole number from 0 to ${String(MOST_GRACE_SECONDS)}; got ${got}`)
}

const POLICIES: readonly unknown[] = ['Background', 'Foreground', undefined, null, '']

/** Background and Foreground come to the same: services own their processes either way. */
function refusePolicy(options: Record<string, unknown>, query: URLSearchParams): Failure | undefined {
  const isOrphan = options['orphanDependents'] === true || query.get('orphanDependents') === 'true'
  const policy = isOrphan ? 'Orphan' : (query.get('propagationPolicy') ?? options['propagationPolicy'])
  const field = 'propagationPolicy'
  if (policy === 'Orphan') return invalid('orphaning is not possible: nothing would own the processes', field)
  if (POLICIES.includes(policy)) return undefined
  return invalid(`propagationPolicy must be Background or Foreground; got ${shown(JSON.stringify(policy))}`, field)
}
