/** Where a new manifest file may be: below the root that orc may write, by a name that orc loads, in real directories. */
import { constants } from 'node:fs'
import { access, lstat, stat } from 'node:fs/promises'
import path from 'node:path'
import { isManifestName } from './manifest-watcher.ts'
import { isOpenToAll } from './source-file.ts'

/** Room for what is added to the name while the file is written. */
const LONGEST_PART_BYTES = 180
const LONGEST_PATH = 1000

/** A sentence; undefined when the path will do. Pure. */
export function pathProblem(file: string): string | undefined {
  const parts = file.split('/')
  if (file.length > LONGEST_PATH || parts.some((part) => Buffer.byteLength(part) > LONGEST_PART_BYTES))
    return 'the path is too long'
  if (Buffer.from(file).toString() !== file) return 'it has characters that UTF-8 cannot hold'
  if (/[\u0000-\u001f\u007f\\]/.test(file)) return 'control characters and backslashes have no place in a path'
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    return 'it must be a path below the watched directory, such as team/agent.yaml: no / at its ends, no . and no ..'
  if (parts.some((part) => part.startsWith('.'))) return 'what begins with a dot is not loaded'
  if (!isManifestName(parts.at(-1) ?? '')) return 'the name must end in .yaml or .yml, and not begin with #'
  return undefined
}

export type Place =
  | { readonly type: 'Free' }
  | { readonly type: 'Taken' }
  /** The file would not be loaded from there. */
  | { readonly type: 'Refused'; readonly message: string }

/** Throws where the user that runs orc may not write. */
export async function findPlace(root: string, file: string): Promise<Place> {
  const isThere = await stat(root).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isThere) return { type: 'Refused', message: 'the watched directory is not there' }
  let directory = root
  for (const part of file.split('/').slice(0, -1)) {
    const next = path.join(directory, part)
    const found = await lstat(next).catch(() => undefined)
    if (found === undefined) break
    if (!found.isDirectory())
      return { type: 'Refused', message: `${path.relative(root, next)} is no directory, and links are not followed` }
    directory = next
  }
  if ((await lstat(path.join(root, file)).catch(() => undefined)) !== undefined) return { type: 'Taken' }
  if (await isOpenToAll(directory))
    return { type: 'Refused', message: `every user may put files into ${directory}: run chmod o-w on it` }
  await access(directory, constants.W_OK)
  return { type: 'Free' }
}
