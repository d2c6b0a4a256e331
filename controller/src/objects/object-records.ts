/**
 * What orc remembers of each declared object beside its file: its identity, and the spec in force. Files say what is
 * wanted; when a file is broken, the record says what was wanted last.
 */
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { fillDefaults, keyOfObject, splitKey, type Declared, type Key } from '@orc/schemas'
import { writeDurably } from './durable-file.ts'
import { readJsonFiles } from './json-files.ts'

export interface ObjectRecord {
  readonly uid: string
  /** RFC 3339. */
  readonly creationTimestamp: string
  readonly generation: number
  /** File that declares it, relative to the root. */
  readonly source: string
  /** Annotations that belong to the API alone and stay out of the user's file. */
  readonly apiAnnotations?: Readonly<Record<string, string>>
  /** The object in force with defaults, without status and server-set metadata. */
  readonly accepted: Declared
}

export class ObjectRecords {
  readonly #directory: string
  readonly #records = new Map<Key, ObjectRecord>()

  /** `directory` = `<state>/objects`. */
  constructor(directory: string) {
    this.#directory = directory
  }

  /** Reads all records; one that cannot be read is told to `onBroken` and passed over. */
  load(onBroken: (file: string, error: unknown) => void): void {
    readJsonFiles<ObjectRecord>(
      this.#directory,
      (record) => {
        const accepted = fillDefaults(record.accepted)
        this.#records.set(keyOfObject(accepted), { ...record, accepted })
      },
      onBroken,
    )
  }

  get(key: Key): ObjectRecord | undefined {
    return this.#records.get(key)
  }

  keys(): readonly Key[] {
    return [...this.#records.keys()]
  }

  /** Durable when it resolves. */
  async save(key: Key, record: ObjectRecord): Promise<void> {
    const file = this.#fileOf(key)
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    await writeDurably(file, `${JSON.stringify(record)}\n`, 0o600)
    this.#records.set(key, record)
  }

  async remove(key: Key): Promise<void> {
    this.#records.delete(key)
    await rm(this.#fileOf(key), { force: true })
  }

  /** Kinds and names are checked words: no part of the path can leave the directory. */
  #fileOf(key: Key): string {
    const { kind, namespace, name } = splitKey(key)
    return path.join(this.#directory, namespace, kind, `${name}.json`)
  }
}
