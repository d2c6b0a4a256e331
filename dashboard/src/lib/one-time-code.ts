/** Finds the one-time code in what `orc dashboard` prints. Pure. */

/** The code in `#code=...` or in a whole address that ends so; undefined where there is none. */
export function codeIn(text: string): string | undefined {
  const code = new URLSearchParams(text.slice(text.indexOf('#') + 1)).get('code')
  return code === null || code === '' ? undefined : code
}
