/** A file as the object Manifest with its text: as it is, and as a write would leave it. Pure. */
import type { Manifest } from '@orc/schemas'
import { manifestOf } from './manifest-view.ts'
import type { Judgement } from './text-judgement.ts'

/** `sha256` is that of the file as it is on the disk; undefined = there is none. */
export function filled(manifest: Manifest, text: string, sha256: string | undefined): Manifest {
  return { ...manifest, spec: { path: manifest.spec.path, text, ...(sha256 !== undefined && { sha256 }) } }
}

/** `current` is what the API shows of the file now, if there is one. */
export function triedFile(
  text: string,
  { entry, changes }: Judgement,
  current: Manifest | undefined,
  sha256: string | undefined,
): Manifest {
  const tried = manifestOf(entry, [])
  const { metadata } = current ?? tried
  return { ...filled(tried, text, sha256), metadata, status: { ...tried.status, changes } }
}
