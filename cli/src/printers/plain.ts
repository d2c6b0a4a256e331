/** Text of others made harmless for a terminal: whole, as one line of a table, within quotes, or in pieces as it comes. */
import { BEL, CONTROLS, ESC, plain } from '@orc/sdk/client'

export { plain }

/** For a cell of a table: one line. */
export function plainLine(text: string): string {
  return plain(text.replaceAll(/\s*[\r\n]+\s*|\t/g, ' ')).trimEnd()
}

export function hasControls(text: string): boolean {
  return text.search(CONTROLS) !== -1
}

/** For text where an escape stands for the character, as inside the quotes of JSON and YAML. */
export function escapeControls(text: string): string {
  return text.replaceAll(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/**
 * `plain` for text that comes in pieces: a sequence or surrogate pair that a piece cuts in two is held back until the
 * rest is there. `end` gives what is left.
 */
export class PlainPieces {
  #held = ''

  push(piece: string): string {
    const text = this.#held + piece
    const cut = text.search(UNFINISHED)
    this.#held = cut === -1 ? '' : text.slice(cut)
    return plain(cut === -1 ? text : text.slice(0, cut))
  }

  end(): string {
    const rest = plain(this.#held)
    this.#held = ''
    return rest
  }
}

/** Never more than a sequence may be long: a lone ESC must not hold back a log. */
const UNFINISHED = new RegExp(
  `${ESC}(?:\\[[0-?]{0,64}[ -/]{0,8}|\\][^${ESC}${BEL}\\n]{0,2048}${ESC}?)?$|[\\uD800-\\uDBFF]$`,
)
