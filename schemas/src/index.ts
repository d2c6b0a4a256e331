/**
 * The language that every part of orc speaks: kinds, fields, reasons and what makes an object valid.
 *
 * `export *` throughout: with a single named re-export the bundler would load the validators and the YAML parser with
 * whatever uses a constant of this workspace, and the command line would start twice as slowly.
 */
export * from './annotations.ts'
export * from './condition.ts'
export type * from './controller-revision.ts'
export * from './decode.ts'
export * from './defaults.ts'
export * from './dependencies.ts'
export * from './did-you-mean.ts'
export * from './field-path.ts'
export * from './generated/index.ts'
export * from './issue.ts'
export type { JsonSchema } from './json-schema.ts'
export * from './quantity.ts'
export * from './reasons.ts'
export * from './references.ts'
export type * from './projected.ts'
export type * from './service-history.ts'
export * from './resource.ts'
export * from './resources.ts'
export * from './restarts.ts'
export * from './run-relevant.ts'
export * from './same-json.ts'
export * from './semantics.ts'
export * from './validate.ts'
