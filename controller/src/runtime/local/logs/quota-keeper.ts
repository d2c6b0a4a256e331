/** Holds each service, and all together, to so many bytes of logs: the oldest files go first. */
import type { Clock } from '../../../clock.ts'
import type { LogLimits, ServiceRef } from '../../runtime.ts'
import { trim, usageOf, type StoredLog, type Usage } from './log-quota.ts'

export interface QuotaKeeperOptions {
  readonly clock: Clock
  readonly logs: { readonly services: readonly ServiceRef[]; logsOf(service: ServiceRef): readonly StoredLog[] }
  readonly limitsOf: (service: ServiceRef) => LogLimits | undefined
  /** Of all services together, bytes. */
  readonly totalQuota: () => number
  readonly complain: (trouble: string, error: unknown) => void
}

/** Whatever grew unseen is found so often. */
const PERIOD_MS = 30_000
/** So much of the total quota is left after it was exceeded, for which every file had to be looked at. */
const AFTER_TRIM = 0.95

export class QuotaKeeper {
  readonly #options: QuotaKeeperOptions
  readonly #due = new Map<string, ServiceRef>()
  /** Bytes by service, as of its last look. */
  readonly #bytes = new Map<string, number>()
  #working: Promise<void> | undefined
  #cancel: (() => void) | undefined
  #isClosed = false

  constructor(options: QuotaKeeperOptions) {
    this.#options = options
  }

  start(): void {
    for (const service of this.#options.logs.services) this.look(service)
    this.#cancel = this.#options.clock.setTimer(PERIOD_MS, () => {
      this.#bytes.clear()
      this.start()
    })
  }

  /** Soon; several wishes become one look. */
  look(service: ServiceRef): void {
    if (this.#isClosed) return
    this.#due.set(keyOf(service), service)
    this.#working ??= this.#work().finally(() => (this.#working = undefined))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancel?.()
    await this.#working
  }

  async #work(): Promise<void> {
    try {
      while (this.#due.size > 0 && !this.#isClosed) {
        for (const [key, service] of [...this.#due]) {
          this.#due.delete(key)
          await this.#keepService(key, service)
        }
        await this.#keepTotal()
      }
    } catch (error) {
      this.#options.complain('the quota of logs cannot be kept', error)
    }
  }

  async #keepService(key: string, service: ServiceRef): Promise<void> {
    const { logs, limitsOf } = this.#options
    const limits = limitsOf(service)
    if (limits === undefined) return
    const stored = logs.logsOf(service)
    const usage = await usageOf(stored)
    const live = stored.filter(({ ended }) => !ended).length
    const { quota, maxFileSize } = limits
    // Room for every live part to grow to its full size, and for one copy.
    const reserved = live === 0 ? 0 : Math.max(usage.liveBytes, live * maxFileSize) + maxFileSize
    const left = await trim(usage, Math.max(0, quota - reserved))
    this.#bytes.set(key, left + usage.liveBytes)
  }

  async #keepTotal(): Promise<void> {
    const { logs, totalQuota } = this.#options
    if (sum(this.#bytes.values()) <= totalQuota()) return
    const all: Usage[] = []
    for (const service of logs.services) all.push(await usageOf(logs.logsOf(service)))
    const surplusBytes = sum(all.map((usage) => usage.surplusBytes))
    const liveBytes = sum(all.map((usage) => usage.liveBytes))
    const most = Math.max(0, totalQuota() * AFTER_TRIM - liveBytes)
    await trim({ surplusBytes, liveBytes, surplus: all.flatMap(({ surplus }) => surplus) }, most)
    for (const service of logs.services) {
      const usage = await usageOf(logs.logsOf(service))
      this.#bytes.set(keyOf(service), usage.surplusBytes + usage.liveBytes)
    }
  }
}

function keyOf({ namespace, name }: ServiceRef): string {
  return `${namespace}/${name}`
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
