/** What a template of kubectl's JSONPath dialect consists of, once it is parsed. */

export type Template = readonly Part[]

export type Part =
  | { readonly type: 'Text'; readonly text: string }
  | { readonly type: 'Path'; readonly path: Path }
  /** The body once for each value of the path, which is then the current one. */
  | { readonly type: 'Range'; readonly path: Path; readonly body: Template }

/** From the current value on. */
export type Path = readonly Step[]

export type Step =
  | { readonly type: 'Field'; readonly name: string }
  /** `*`: all values of a list or of an object. */
  | { readonly type: 'Wildcard' }
  /** `..`: the value itself and everything below it. */
  | { readonly type: 'Descent' }
  | { readonly type: 'Slice'; readonly first?: number; readonly end?: number; readonly step?: number }
  /** What stands in brackets with commas between. */
  | { readonly type: 'Union'; readonly members: readonly Member[] }
  | { readonly type: 'Filter'; readonly left: Operand; readonly operator?: Operator; readonly right?: Operand }

/** A quoted name is a key; when the object has no such key, it is a path, as kubectl takes it. */
export type Member =
  | { readonly type: 'Index'; readonly index: number }
  | { readonly type: 'Key'; readonly key: string; readonly path: Path }

export type Operand =
  { readonly type: 'Value'; readonly value: string | number | boolean } | { readonly type: 'Path'; readonly path: Path }

export type Operator = (typeof OPERATORS)[number]

/** Longer ones first: `<=` begins with `<`. */
export const OPERATORS = ['==', '!=', '<=', '>=', '<', '>'] as const
