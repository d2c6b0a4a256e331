/** The client side of the API: requests, watches, and the pure reducer that turns events into a collection. */
export * from './client.ts'
export * from './errors.ts'
export { splitStamp, type StampedLine } from './logs/history.ts'
export * from './logs/log-follower.ts'
export { BEL, CONTROLS, ESC, plain } from './plain-text.ts'
export * from './reflector.ts'
export type * from './transport.ts'
