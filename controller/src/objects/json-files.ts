/** Reads back what was stored as one JSON file an object, in folders below one directory. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/**
 * Gives the content of each `*.json` file to `use`. A file that cannot be read, or whose content `use` throws at, is
 * told to `onBroken` and passed over; what begins with a dot (a crash left it half-written, or it is a folder of something
 * else) is passed over in silence.
 */
export function readJsonFiles<T>(
  directory: string,
  use: (content: T) => void,
  onBroken: (file: string, error: unknown) => void,
): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (
      !entry.isFile() ||
      path.relative(directory, entry.parentPath).startsWith('.') ||
      !entry.name.endsWith('.json') ||
      entry.name.startsWith('.')
    )
      continue
    const file = path.join(entry.parentPath, entry.name)
    try {
      use(JSON.parse(readFileSync(file, 'utf8')) as T)
    } catch (error) {
      onBroken(file, error)
    }
  }
}
