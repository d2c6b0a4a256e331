/** kubectl's JSONPath. No npm library speaks this dialect: the others know neither `range` nor its quoting and filters. */
export { formatTemplate, formatValue, valuesAt } from './evaluate.ts'
export { parseRelaxedPath } from './parse-path.ts'
export { parseTemplate } from './parse.ts'
export type { Path } from './template.ts'
