/** Which file declares which object. Folders mean nothing; when several files declare one object, one of them counts. */
import {
  DEFAULT_NAMESPACE,
  DECLARED_KINDS,
  keyOf,
  type Declared,
  type DecodedDocument,
  type Key,
  type Located,
} from '@orc/schemas'

/** What one file says now. */
export interface FileEntry {
  /** Relative to the root. */
  readonly path: string
  readonly hash: string
  /** Errors of the file as a whole; then it has no documents, and nobody knows what it declares. */
  readonly errors: readonly Located[]
  readonly documents: readonly DecodedDocument[]
  /** Sentences on the file as a whole that change nothing. */
  readonly warnings?: readonly string[]
}

export interface Claim {
  readonly path: string
  readonly document: DecodedDocument
}

export class DirectoryIndex {
  readonly #files = new Map<string, FileEntry>()
  readonly #claims = new Map<Key, Set<string>>()

  get(path: string): FileEntry | undefined {
    return this.#files.get(path)
  }

  files(): Iterable<FileEntry> {
    return this.#files.values()
  }

  /** Puts or removes a file; returns the keys whose claims may have changed. */
  set(path: string, entry: FileEntry | undefined): Set<Key> {
    const affected = new Set<Key>()
    for (const key of keysOf(this.#files.get(path))) {
      affected.add(key)
      const paths = this.#claims.get(key)
      paths?.delete(path)
      if (paths?.size === 0) this.#claims.delete(key)
    }
    if (entry === undefined) this.#files.delete(path)
    else this.#files.set(path, entry)
    for (const key of keysOf(entry)) {
      affected.add(key)
      this.#claims.set(key, (this.#claims.get(key) ?? new Set()).add(path))
    }
    return affected
  }

  /** All claims of a key, the one that counts first: the recorded path, else the lexically first. */
  claims(key: Key, recordedPath: string | undefined): readonly Claim[] {
    const paths = [...(this.#claims.get(key) ?? [])].sort(
      (a, b) => Number(b === recordedPath) - Number(a === recordedPath) || (a < b ? -1 : 1),
    )
    return paths.flatMap((path) =>
      (this.#files.get(path)?.documents ?? [])
        .filter((document) => keyOfDocument(document) === key)
        .map((document) => ({ path, document })),
    )
  }
}

function keysOf(entry: FileEntry | undefined): Set<Key> {
  return new Set((entry?.documents ?? []).flatMap((document) => keyOfDocument(document) ?? []))
}

/** Also of a document that is not valid, when it says enough to know which object it means. */
export function keyOfDocument({ object, raw }: DecodedDocument): Key | undefined {
  const { kind, metadata } = (object ?? raw ?? {}) as Partial<Declared>
  const name = metadata?.name
  const namespace = metadata?.namespace ?? DEFAULT_NAMESPACE
  const isWord = (text: unknown): boolean => typeof text === 'string' && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text)
  if (kind === undefined || !DECLARED_KINDS.includes(kind) || !isWord(name) || !isWord(namespace)) return undefined
  return keyOf(kind, namespace, name ?? '')
}
