/** Opens an address with the program of the desktop. */
import { spawn } from 'node:child_process'
import { Failure } from './failure.ts'

export function openInBrowser(address: string, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open'
  return new Promise((resolve, reject) => {
    const child = spawn(opener, [address], { detached: true, stdio: 'ignore', env: { ...env } })
    child.once('error', (cause) => {
      reject(new Failure(`no browser could be opened (${opener}: ${cause.message}); open the address above`, { cause }))
    })
    // The opener may stay as long as the browser does.
    child.once('spawn', () => {
      child.unref()
      resolve()
    })
  })
}
