/** One controller per state directory, kept by the kernel: the lock goes with the process, however it ends. */
import Database from 'libsql'

export interface Lock {
  release(): void
}

/** Undefined when another process holds it. SQLite is asked because Node has no flock(2). */
export function acquireLock(file: string): Lock | undefined {
  const database = new Database(file)
  try {
    // In this mode the lock that the transaction takes is kept after its end.
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    database.exec('BEGIN EXCLUSIVE')
    database.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER)')
    database.exec('DELETE FROM holder')
    database.exec(`INSERT INTO holder VALUES (${String(process.pid)})`)
    database.exec('COMMIT')
    return {
      release: () => {
        database.close()
      },
    }
  } catch (error) {
    database.close()
    if ((error as { code?: unknown }).code === 'SQLITE_BUSY') return undefined
    throw error
  }
}
