/** The controller's own small state, `state.json`: who it is, and how far versions have been handed out. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { LowSync, type SyncAdapter } from 'lowdb'
import type { SessionMemory, StoredSessions } from '../ports/session-memory.ts'
import { writeDurablySync } from './durable-file.ts'

export interface StateFile {
  instanceId: string
  /** Versions up to this one may have been handed out. */
  resourceVersionCeiling: number
  /** The directory that declares the objects of this state; '' before the first start. */
  manifestsDir: string
  /** Removals that wait for confirmation; see manifests/removals.ts. */
  holds: Record<string, { since: string; vanished: number; known: number }>
  /** Browsers that are signed in; absent = none. */
  sessions?: StoredSessions
}

/** lowdb's own adapter renames without fsync; this one does not lose what was said to be written. */
class DurableJson implements SyncAdapter<StateFile> {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  read(): StateFile | null {
    let text: string
    try {
      text = readFileSync(this.#file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
    try {
      return JSON.parse(text) as StateFile
    } catch (cause) {
      throw new Error(
        `${this.#file} is not valid JSON. Move it away and start again; services and manifests are not affected.`,
        { cause },
      )
    }
  }

  write(state: StateFile): void {
    writeDurablySync(this.#file, `${JSON.stringify(state, null, 2)}\n`, 0o600)
  }
}

export type StateDatabase = LowSync<StateFile>

export function openState(file: string): StateDatabase {
  const database = new LowSync<StateFile>(new DurableJson(file), {
    instanceId: randomUUID(),
    resourceVersionCeiling: 0,
    manifestsDir: '',
    holds: {},
  })
  database.read()
  return database
}

/** Versions reserved with one write. */
const BLOCK = 100_000

/**
 * Hands out resource versions: one rising number for all kinds, above every one handed out before, also when the state
 * directory is new (it begins at tenths of seconds since the epoch) or the last start was killed (blocks).
 */
export function versionSource(database: StateDatabase, wallMs: number): () => number {
  let latest = Math.max(database.data.resourceVersionCeiling, Math.floor(wallMs / 100))
  return () => {
    latest += 1
    if (latest > database.data.resourceVersionCeiling) {
      database.data.resourceVersionCeiling = latest + BLOCK
      database.write()
    }
    return latest
  }
}

/** Sign-ins that outlive the controller. */
export function sessionMemory(database: StateDatabase): SessionMemory {
  return {
    read: () => database.data.sessions,
    write: (sessions) => {
      database.data.sessions = sessions
      database.write()
    },
  }
}
