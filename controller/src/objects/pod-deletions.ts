/** Which pods somebody deleted: one file each in the state directory, until the next pod has taken the place. */
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { writeDurably } from './durable-file.ts'
import { readJsonFiles } from './json-files.ts'

export interface PodMark {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly service: string
  readonly serviceUid: string
  readonly ordinal: number
  readonly incarnation: number
  /** RFC 3339; when the process is killed that has not ended by then. */
  readonly deletionTimestamp: string
  readonly gracePeriodSeconds: number
}

export class PodDeletions {
  readonly #directory: string
  readonly #marks = new Map<string, PodMark>()

  /** `directory` = `<state>/pods`. */
  constructor(directory: string) {
    this.#directory = directory
  }

  /** Reads all marks; one that cannot be read is told to `onBroken` and passed over. */
  load(onBroken: (file: string, error: unknown) => void): void {
    readJsonFiles<PodMark>(this.#directory, (mark) => this.#marks.set(this.#fileOf(mark), mark), onBroken)
  }

  /** Of the service's replicas, at most one each. */
  of(namespace: string, service: string): readonly PodMark[] {
    return [...this.#marks.values()].filter((mark) => mark.namespace === namespace && mark.service === service)
  }

  /** The latest of the pods of this name. */
  get(pod: Pick<PodMark, 'namespace' | 'name'>): PodMark | undefined {
    return this.#marks.get(this.#fileOf(pod))
  }

  /** Durable when it resolves. */
  async save(mark: PodMark): Promise<void> {
    const file = this.#fileOf(mark)
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    await writeDurably(file, `${JSON.stringify(mark)}\n`, 0o600)
    this.#marks.set(file, mark)
  }

  /** Unless another one has taken its place. */
  async remove(mark: PodMark): Promise<void> {
    const file = this.#fileOf(mark)
    if (this.#marks.get(file) !== mark) return
    this.#marks.delete(file)
    await rm(file, { force: true })
  }

  /** Names are checked words: no part of the path can leave the directory. */
  #fileOf({ namespace, name }: Pick<PodMark, 'namespace' | 'name'>): string {
    return path.join(this.#directory, namespace, `${name}.json`)
  }
}
