/** The line of the last samples as an SVG path in a box of 100 x 20: newest at the right, gaps stay gaps. */

const WIDTH = 100
const TOP = 1
const BOTTOM = 19

/** `values` are old to new, at most `slots` of them; `most` is the value at the upper edge. */
export function sparklinePath(values: readonly (number | undefined)[], slots: number, most: number): string {
  const step = WIDTH / (slots - 1)
  const offset = slots - values.length
  const points = values.map((value, index) =>
    value === undefined ? undefined : `${round((offset + index) * step)} ${round(heightOf(value, most))}`,
  )
  return points.map((point, index) => segment(point, points[index - 1], points[index + 1])).join('')
}

/** A point with no neighbour is drawn as a dot: a line of no length with a round end. */
function segment(point: string | undefined, before: string | undefined, after: string | undefined): string {
  if (point === undefined) return ''
  if (before !== undefined) return `L${point}`
  return after === undefined ? `M${point}h0` : `M${point}`
}

function heightOf(value: number, most: number): number {
  const share = most > 0 ? Math.min(1, Math.max(0, value / most)) : 0
  return BOTTOM - share * (BOTTOM - TOP)
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10)
}
