/** How the API reads what processes use. */

export interface Sample {
  readonly namespace: string
  readonly pod: string
  readonly service: string
  /** Cores. */
  readonly cpu: number
  /** Bytes of resident memory. */
  readonly memory: number
  /** Wall clock, ms. */
  readonly sampledAtMs: number
  readonly windowMs: number
}

export interface Samples {
  /** The newest sample of each live pod. */
  latest(namespace?: string): readonly Sample[]
}
