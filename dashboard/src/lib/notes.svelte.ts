/** What happened a moment ago, said for a few seconds; never the only place where it can be read. */
import { createContext } from 'svelte'

export interface Note {
  readonly id: number
  readonly text: string
}

const SHOWN_MS = 6000
const MOST_SHOWN = 3

export class Notes {
  #all = $state.raw<readonly Note[]>([])
  #lastId = 0

  get all(): readonly Note[] {
    return this.#all
  }

  say(text: string): void {
    this.#lastId += 1
    const note = { id: this.#lastId, text }
    this.#all = [...this.#all, note].slice(-MOST_SHOWN)
    setTimeout(() => (this.#all = this.#all.filter(({ id }) => id !== note.id)), SHOWN_MS)
  }
}

export const [getNotes, setNotes] = createContext<Notes>()
