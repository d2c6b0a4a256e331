/** The client side of the API: requests, watches, and the pure reducer that turns events into a collection. */
export * from './client.ts'
export * from './errors.ts'
export * from './reflector.ts'
export type * from './transport.ts'
