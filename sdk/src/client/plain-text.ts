/**
 * Text of others made harmless: what comes from objects and logs must not move the cursor, recolour the screen, set its
 * title, or show words in another order than they stand.
 */

export const ESC = String.fromCharCode(27)
export const BEL = String.fromCharCode(7)

/** Whole sequences first (colours, cursor, titles and links), so that no `[31m` is left behind. */
const SEQUENCES = new RegExp(`${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}\\][^${ESC}${BEL}\\n]{0,2048}(?:${BEL}|${ESC}\\\\)`, 'g')

/** C0 without tab and line feed, DEL, C1, the marks that change the direction of writing, and the byte order mark. */
export const CONTROLS = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\uFEFF]/gu

/** Keeps line feeds and tabs. */
export function plain(text: string): string {
  return text.replaceAll(SEQUENCES, '').replaceAll(CONTROLS, '')
}
