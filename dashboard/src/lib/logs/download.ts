/** Hands the lines that are shown to the person as a text file. */
import { plainOf } from './ansi.ts'
import type { Block, LineStore } from './line-store.ts'

/** By blocks: one text of all the lines could be larger than a text may be. */
export function downloadLines(store: LineStore): void {
  const url = URL.createObjectURL(new Blob(store.blocks.map(textOf), { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `logs-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.txt`
  link.click()
  // The browser reads it a moment later.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

/** Each line after its time and its replica. */
export function textOf(block: Block): string {
  return block
    .map(({ atMs, source, text, mark }) => {
      const words = mark === undefined ? plainOf(text) : `--- ${mark.title} · ${mark.facts}`
      return `${new Date(atMs).toISOString()} ${source.pod} ${words}\n`
    })
    .join('')
}
