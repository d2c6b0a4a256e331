/** Asks again and again while somebody looks at the page, until the returned function is called. */
export function poll(ask: () => Promise<void>, periodMs: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  let asking = false
  const askAndWait = async (): Promise<void> => {
    if (asking) return
    asking = true
    await ask()
    asking = false
    if (!stopped && !document.hidden) timer = setTimeout(() => void askAndWait(), periodMs)
  }
  const wake = (): void => {
    clearTimeout(timer)
    if (!document.hidden) void askAndWait()
  }
  document.addEventListener('visibilitychange', wake)
  wake()
  return () => {
    stopped = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', wake)
  }
}
