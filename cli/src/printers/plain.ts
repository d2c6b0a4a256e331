/**
 * Text of others made harmless: what comes from objects and logs must not move the cursor, recolour the screen, set its
 * title, or show words in another order than they stand.
 */

const ESC = String.fromCharCode(27)
const BEL = String.fromCharCode(7)

/** Whole sequences first (colours, cursor, titles and links), so that no `[31m` is left behind. */
const SEQUENCES = new RegExp(`${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}\\][^${ESC}${BEL}\\n]{0,2048}(?:${BEL}|${ESC}\\\\)`, 'g')

/** C0 without tab and line feed, DEL, C1, the marks that change the direction of writing, and the byte order mark. */
const CONTROLS = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\uFEFF]/gu

/** Keeps line feeds and tabs. */
export function plain(text: string): string {
  return text.replaceAll(SEQUENCES, '').replaceAll(CONTROLS, '')
}

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
