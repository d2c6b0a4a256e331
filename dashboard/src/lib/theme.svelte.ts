/** Light or dark: as the system has it, or as was chosen in this browser. The first paint obeys it by itself: see app.html. */

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'orc.theme'

class ThemeChoice {
  #theme = $state<Theme>(THEMES.find((theme) => theme === document.documentElement.dataset['theme']) ?? 'system')

  get theme(): Theme {
    return this.#theme
  }

  /** The next of them. */
  next(): void {
    this.#theme = THEMES[(THEMES.indexOf(this.#theme) + 1) % THEMES.length] ?? 'system'
    if (this.#theme === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = this.#theme
    try {
      localStorage.setItem(KEY, this.#theme)
    } catch {
      // A browser that stores nothing keeps it until the page is closed.
    }
  }
}

export const themeChoice = new ThemeChoice()
