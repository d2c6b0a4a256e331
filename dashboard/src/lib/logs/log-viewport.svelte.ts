/** Which lines are in view: the last ones while following, else the same ones whatever comes or goes elsewhere. */
import type { LogFeed } from './log-feed.svelte.ts'
import type { LogLine } from './line-store.ts'
import { RowLayout } from './row-layout.ts'
import { ScrollScale } from './scroll-scale.ts'

export interface LogView {
  readonly rows: readonly LogLine[]
  /** How much of the first row is above the upper edge. */
  readonly hiddenPx: number
  readonly barHeightPx: number
  readonly barPx: number
}

/** What holds the view where it is: a line at a distance from the upper edge, or a moment. */
type Anchor = { readonly line: LogLine; readonly offsetPx: number } | { readonly atMs: number }

/** A row that shows all of its line below itself. */
interface OpenRow {
  readonly line: LogLine
  readonly extraPx: number
}

export class LogViewport {
  readonly #feed: LogFeed
  readonly #scale = new ScrollScale()
  #layout = new RowLayout(0, 1)
  #viewPx = 0
  #rowPx = 20
  #anchor: Anchor | undefined
  #arrivedAtPause = 0
  #wasMoved = false
  #isFollowing = $state(true)
  #pausedMs = $state(0)
  #view = $state.raw<LogView>({ rows: [], hiddenPx: 0, barHeightPx: 0, barPx: 0 })
  #opened = $state.raw<readonly OpenRow[]>([])
  /** Of the line that was found or asked for. */
  currentId = $state<number>()

  constructor(feed: LogFeed, atMs: number | undefined) {
    this.#feed = feed
    if (atMs === undefined) return
    this.pause()
    this.#anchor = { atMs }
  }

  get view(): LogView {
    return this.#view
  }

  get isFollowing(): boolean {
    return this.#isFollowing
  }

  /** Since when; only while it is paused. */
  get pausedMs(): number {
    return this.#pausedMs
  }

  /** How many lines came since the pause. */
  get newLines(): number {
    return this.#isFollowing ? 0 : this.#feed.arrived - this.#arrivedAtPause
  }

  /** Index of the line that was found, or else of the first in view. */
  get currentIndex(): number {
    const current = this.#view.rows.find(({ id }) => id === this.currentId)
    const line = current ?? this.#view.rows[0]
    return line === undefined ? 0 : this.#feed.store.indexOf(line)
  }

  resize(viewPx: number, rowPx: number): void {
    this.#viewPx = viewPx
    this.#rowPx = rowPx
    this.settle()
  }

  follow(): void {
    this.#isFollowing = true
    this.#feed.isPaused = false
    this.#anchor = undefined
    this.currentId = undefined
    this.settle()
  }

  pause(): void {
    if (!this.#isFollowing) return
    this.#isFollowing = false
    this.#feed.isPaused = true
    this.#pausedMs = Date.now()
    this.#arrivedAtPause = this.#feed.arrived
  }

  /** The bar stands elsewhere than it was put: somebody moved it. */
  moveBar(barPx: number): void {
    if (Math.abs(barPx - this.#scale.barPx) < 2) return
    this.#scale.moveBar(barPx)
    this.#wasMoved = true
    if (!this.#scale.isAtEnd) this.pause()
    this.#draw()
  }

  /** After the last of some movements. */
  rest(): void {
    if (!this.#wasMoved) return
    this.#wasMoved = false
    this.#scale.settle()
    this.#draw()
  }

  reveal(index: number): void {
    this.pause()
    this.currentId = this.#feed.store.slice(index, index + 1)[0]?.id
    this.#scale.goTo(this.#layout.topOf(index) - this.#viewPx / 3)
    this.#draw()
  }

  isOpen(line: LogLine): boolean {
    return this.#opened.some((row) => row.line === line)
  }

  toggle(line: LogLine): void {
    this.pause()
    const others = this.#opened.filter((row) => row.line !== line)
    this.#opened = others.length < this.#opened.length ? others : [...others, { line, extraPx: 0 }]
    this.settle()
  }

  /** How high what an opened row shows turned out to be. */
  measure(line: LogLine, extraPx: number): void {
    if (this.#opened.every((row) => row.line !== line || row.extraPx === extraPx)) return
    this.#opened = this.#opened.map((row) => (row.line === line ? { line, extraPx } : row))
    this.settle()
  }

  /** After lines came or went, or heights changed. */
  settle(): void {
    const { store } = this.#feed
    const tall = this.#opened.map(({ line, extraPx }) => ({ index: store.indexOf(line), extraPx }))
    this.#layout = new RowLayout(store.size, this.#rowPx, tall)
    this.#scale.resize(this.#layout.heightPx, this.#viewPx)
    if (this.#isFollowing) this.#scale.goTo(this.#layout.heightPx)
    else if (this.#anchor !== undefined) this.#scale.goTo(this.#topAtAnchor(this.#anchor))
    const anchor = this.#anchor
    this.#draw()
    // A moment stays the anchor: lines of before and after are still to come.
    if (anchor !== undefined && 'atMs' in anchor) this.#anchor = anchor
  }

  #topAtAnchor(anchor: Anchor): number {
    const { store } = this.#feed
    if ('line' in anchor) return this.#layout.topOf(store.indexOf(anchor.line)) - anchor.offsetPx
    const index = Math.min(store.indexAt(anchor.atMs), store.size - 1)
    this.currentId = store.slice(index, index + 1)[0]?.id
    return this.#layout.topOf(index) - this.#viewPx / 3
  }

  #draw(): void {
    const { topPx, barPx, barHeightPx } = this.#scale
    const { store } = this.#feed
    const first = this.#layout.indexAt(topPx)
    const rows = store.slice(first, this.#layout.indexAt(topPx + this.#viewPx) + 1)
    const hiddenPx = topPx - this.#layout.topOf(first)
    const [line] = rows
    this.#anchor = line === undefined ? undefined : { line, offsetPx: -hiddenPx }
    this.#view = { rows, hiddenPx, barHeightPx, barPx }
  }
}
