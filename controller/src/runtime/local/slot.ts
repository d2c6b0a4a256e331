/** The directory of one replica, or of one task of it: its runs, the newest last, and the number of the next one. */
import { rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { NamedPort, ObservedSlot, SlotRef } from '../runtime.ts'
import { listRuns, RunDirectory, type StoredRecord } from './run-directory.ts'
import { Run } from './run.ts'

/** Ended runs that are kept for `logs --previous` and for the record. */
const KEPT_RUNS = 10

export class Slot {
  #ref: SlotRef
  readonly directory: string
  /** Name of the slot's file in the shared directory of hints; every part of it is a DNS label. */
  readonly key: string
  #runs: Run[] = []

  constructor(runsDir: string, ref: SlotRef) {
    const task = ref.task === undefined ? '' : `.${ref.task}`
    const name = `${String(ref.ordinal)}-${ref.uid.slice(0, 8)}${task}`
    this.#ref = ref
    this.directory = path.join(runsDir, ref.namespace, ref.name, name)
    this.key = `${ref.namespace}.${ref.name}.${name}`
  }

  get ref(): SlotRef {
    return this.#ref
  }

  get runs(): readonly Run[] {
    return this.#runs
  }

  get open(): readonly Run[] {
    return this.#runs.filter((run) => run.phase !== 'Ended')
  }

  get lastPorts(): readonly NamedPort[] {
    return this.#runs.at(-1)?.record.ports ?? []
  }

  observed(): ObservedSlot {
    return { ref: this.ref, runs: this.runs.map((run) => run.observed()) }
  }

  /**
   * Reads what is on disk, the whole uid included, of which the directory's name holds the beginning only. A directory
   * without a record was never ordered: it is removed.
   */
  load(): void {
    this.#runs = []
    for (const seq of listRuns(this.directory)) {
      const directory = new RunDirectory(path.join(this.directory, String(seq)))
      const record = directory.readRecord()
      if (record === undefined) rmSync(directory.path, { recursive: true, force: true })
      else this.#runs.push(new Run(record.slot, seq, directory, record))
    }
    this.#ref = this.#runs.at(-1)?.record.slot ?? this.#ref
  }

  /** Numbers rise for ever within a directory, so that a late shim never meets the files of another run. */
  add(record: StoredRecord): Run {
    const seq = (this.#runs.at(-1)?.ref.seq ?? 0) + 1
    const directory = new RunDirectory(path.join(this.directory, String(seq)))
    directory.create(record)
    const run = new Run(this.ref, seq, directory, record)
    this.#runs.push(run)
    return run
  }

  /** Drops the oldest ended runs beyond the bound. */
  async prune(): Promise<void> {
    const ended = this.#runs.filter((run) => run.phase === 'Ended')
    const surplus = new Set(ended.slice(0, Math.max(0, ended.length - KEPT_RUNS)))
    this.#runs = this.#runs.filter((run) => !surplus.has(run))
    await Promise.all([...surplus].map((run) => rm(run.directory.path, { recursive: true, force: true })))
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}
