/** Colours that a program gave its words, as colours of this page; every other sequence is dropped. Pure. */
import { CONTROLS, ESC, plain } from '@orc/sdk/client'

/** Names of tokens. */
export type Tone = 'bad' | 'wait' | 'c1' | 'c2' | 'c3' | 'c4' | 'c5' | 'c6'

export interface Span {
  readonly text: string
  readonly tone: Tone | undefined
  readonly isBold: boolean
}

/** Black, red, green, yellow, blue, magenta, cyan, white. Black and white are ink: which is which the theme decides. */
const TONES: readonly (Tone | undefined)[] = [undefined, 'bad', 'c3', 'wait', 'c1', 'c4', 'c1', undefined]
const GREY: Tone = 'c6'
const ORANGE: Tone = 'c2'
const OLIVE: Tone = 'c5'

const COLOURS = new RegExp(`${ESC}\\[([0-9;:]*)m`, 'g')
const ODD = new RegExp(CONTROLS.source, 'u')

/** Each line begins without colours. */
export function spansOf(text: string): readonly Span[] {
  if (!text.includes(ESC)) return [{ text: plainOf(text), tone: undefined, isBold: false }]
  const spans: Span[] = []
  let style: Omit<Span, 'text'> = { tone: undefined, isBold: false }
  let from = 0
  const take = (to: number): void => {
    const shown = plain(text.slice(from, to))
    if (shown !== '') spans.push({ text: shown, ...style })
  }
  for (const match of text.matchAll(COLOURS)) {
    take(match.index)
    style = styleAfter(style, match[1] ?? '')
    from = match.index + match[0].length
  }
  take(text.length)
  return spans
}

/** What is shown, without colours. */
export function plainOf(text: string): string {
  return ODD.test(text) ? plain(text) : text
}

function styleAfter(before: Omit<Span, 'text'>, parameters: string): Omit<Span, 'text'> {
  const codes = parameters.split(/[;:]/).map(Number)
  let style = before
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0
    if (code === 38 || code === 48) {
      const isIndexed = codes[at + 1] === 5
      const rest = codes.slice(at + 2, at + (isIndexed ? 3 : 5))
      if (code === 38) style = { ...style, tone: isIndexed ? toneOfIndex(rest[0] ?? 0) : toneOfRgb(rest) }
      at += isIndexed ? 2 : 4
    } else style = styleAfterCode(style, code)
  }
  return style
}

function styleAfterCode(style: Omit<Span, 'text'>, code: number): Omit<Span, 'text'> {
  if (code === 0) return { tone: undefined, isBold: false }
  if (code === 1 || code === 22) return { ...style, isBold: code === 1 }
  if (code >= 30 && code <= 39) return { ...style, tone: TONES[code - 30] }
  if (code >= 90 && code <= 97) return { ...style, tone: toneOfIndex(code - 82) }
  return style
}

/** Of the 256: 16 by name, a cube of 6 x 6 x 6, and greys. */
function toneOfIndex(index: number): Tone | undefined {
  if (index < 16) return index === 8 ? GREY : TONES[index % 8]
  if (index >= 232) return GREY
  const cube = index - 16
  return toneOfRgb([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6])
}

/** The nearest by which of the three are strong. */
function toneOfRgb([red = 0, green = 0, blue = 0]: readonly number[]): Tone | undefined {
  const most = Math.max(red, green, blue)
  const least = Math.min(red, green, blue)
  if (most - least <= most / 5) return GREY
  if (red === most && green > red / 3 && green < red * 0.8 && blue < red / 2) return ORANGE
  if (green === most && red > green / 2 && red < green && blue < green / 2) return OLIVE
  const isStrong = (part: number): number => (part > (most + least) / 2 ? 1 : 0)
  return TONES[isStrong(red) + 2 * isStrong(green) + 4 * isStrong(blue)]
}
