/** The bounds of the logs of a service in numbers. */
import { keyOf, parseQuantity, type AgentService } from '@orc/schemas'
import type { Cache } from '../cache/cache.ts'
import type { LogLimits, LogPolicy } from '../runtime/runtime.ts'

const DEFAULTS = { maxFileSize: '16Mi', maxFiles: 5, quota: '256Mi' } as const

/**
 * For every service as it is declared at the moment; `totalQuota` in bytes. Until `isLoaded`, a service that is not
 * there may be one whose file has yet to be read: its logs must not be cut to the defaults meanwhile.
 */
export function logPolicyOf(cache: Cache, totalQuota: number | undefined, isLoaded: () => boolean): LogPolicy {
  return {
    limitsOf: ({ namespace, name }) => {
      const service = cache.get<AgentService>(keyOf('AgentService', namespace, name))
      return service === undefined && !isLoaded() ? undefined : logLimitsOf(service)
    },
    ...(totalQuota === undefined ? {} : { totalQuota }),
  }
}

/** What is no longer declared is kept as if nothing had been said. */
function logLimitsOf(service: AgentService | undefined): LogLimits {
  const { maxFileSize, maxFiles, quota } = { ...DEFAULTS, ...service?.spec.logs }
  return { maxFileSize: bytesOf(maxFileSize), maxFiles, quota: bytesOf(quota) }
}

function bytesOf(quantity: string | number): number {
  return Math.floor(parseQuantity(quantity) ?? 0)
}
