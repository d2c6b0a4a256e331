/** Whether this browser shows services as cards or as rows. */
export type View = 'Cards' | 'Table'

const KEY = 'orc.view'

export function storedView(): View {
  return localStorage.getItem(KEY) === 'Table' ? 'Table' : 'Cards'
}

export function storeView(view: View): void {
  localStorage.setItem(KEY, view)
}
