/** The files of the watched directories, text and all, as objects of the kind Manifest. */
import type { Manifest } from '@orc/schemas'
import type { ObjectWriter } from './object-writer.ts'

/**
 * `update` and `create` take a Manifest with `spec.text`; `update` wants `spec.sha256` of the text that it began with
 * and is refused (Conflict) when the file is another one by now. What a text declares no more is deleted.
 */
export interface ManifestFiles extends ObjectWriter {
  /** The same with its text as it is on the disk now; without where it cannot be read. */
  withText(manifest: Manifest): Promise<Manifest>
}
