/** How the API reads what processes use: the sums over the whole tree of each pod. */

export interface Sample {
  readonly namespace: string
  readonly pod: string
  readonly service: string
  /** Cores. */
  readonly cpu: number
  /** Bytes of resident memory; what processes share is counted in each of them. */
  readonly memory: number
  readonly processes: number
  /** Wall clock, ms. */
  readonly sampledAtMs: number
  readonly windowMs: number
}

export interface Samples {
  /** The newest sample of each live pod. */
  latest(namespace?: string): readonly Sample[]
}
