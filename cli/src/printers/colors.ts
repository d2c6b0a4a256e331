/** Colours by meaning, or none: the printers say `good` and `bad`, and only here is that green and red. */
import picocolors from 'picocolors'
import { wantsColors, type OrcContext } from '../orc-context.ts'

export type Paint = (text: string) => string

export interface Colors {
  readonly good: Paint
  readonly warn: Paint
  readonly bad: Paint
  readonly quiet: Paint
  readonly strong: Paint
  /** To tell neighbours apart. */
  readonly series: readonly [Paint, ...Paint[]]
}

export function colorsOf(context: Pick<OrcContext, 'stdout' | 'env'>): Colors {
  const { green, yellow, red, dim, bold, cyan, magenta, blue } = picocolors.createColors(wantsColors(context))
  return { good: green, warn: yellow, bad: red, quiet: dim, strong: bold, series: [cyan, magenta, blue, green, yellow] }
}
