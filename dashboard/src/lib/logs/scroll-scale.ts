/**
 * A list of any height behind a scroll bar of limited height: browsers cannot lay out more than some ten million pixels.
 * Small steps of the bar move the list pixel by pixel, large ones go to the same share of it. Pure.
 */

const MOST_PX = 8_000_000

export class ScrollScale {
  readonly #mostPx: number
  #contentPx = 0
  #viewPx = 0
  #topPx = 0
  #barPx = 0

  constructor(mostPx = MOST_PX) {
    this.#mostPx = mostPx
  }

  /** Height of the list as the browser is told. */
  get barHeightPx(): number {
    return Math.min(this.#contentPx, this.#mostPx)
  }

  /** What stands at the upper edge of the view. */
  get topPx(): number {
    return this.#topPx
  }

  /** Where the bar should stand. */
  get barPx(): number {
    return this.#barPx
  }

  get isAtEnd(): boolean {
    return this.#topPx >= this.#lastTopPx - 1
  }

  resize(contentPx: number, viewPx: number): void {
    this.#contentPx = contentPx
    this.#viewPx = viewPx
    this.goTo(this.#topPx)
  }

  goTo(topPx: number): void {
    this.#topPx = Math.max(0, Math.min(topPx, this.#lastTopPx))
    this.settle()
  }

  /** The bar was moved. */
  moveBar(barPx: number): void {
    const stepPx = barPx - this.#barPx
    this.#barPx = barPx
    if (this.#isWhole) this.#topPx = barPx
    else if (Math.abs(stepPx) <= this.#viewPx * 2) this.#topPx += stepPx
    else this.#topPx = (barPx / this.#lastBarPx) * this.#lastTopPx
    this.#topPx = Math.max(0, Math.min(this.#topPx, this.#lastTopPx))
    if (barPx <= 0) this.#leaveEnd(0)
    else if (barPx >= this.#lastBarPx) this.#leaveEnd(this.#lastTopPx)
  }

  /** The bar can go no further: the list is at its end too, or the bar makes room. */
  #leaveEnd(endPx: number): void {
    if (Math.abs(this.#topPx - endPx) <= this.#viewPx) this.#topPx = endPx
    this.settle()
  }

  /** Puts the bar where its share says: small steps have led it astray. */
  settle(): void {
    this.#barPx = this.#isWhole ? this.#topPx : (this.#topPx / this.#lastTopPx) * this.#lastBarPx
  }

  get #isWhole(): boolean {
    return this.#contentPx <= this.#mostPx
  }

  get #lastTopPx(): number {
    return Math.max(0, this.#contentPx - this.#viewPx)
  }

  get #lastBarPx(): number {
    return Math.max(0, this.barHeightPx - this.#viewPx)
  }
}
