/** Writes whole files so that after any crash either the old or the new content is there, never a mixture. */
import { closeSync, constants, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'

let counter = 0

/** A name beside the target that no one else uses; it begins with a dot, so that watchers of manifests pass it over. */
export function temporaryNameFor(target: string): string {
  counter += 1
  return path.join(path.dirname(target), `.${path.basename(target)}.${String(process.pid)}.${String(counter)}.tmp`)
}

export async function writeDurably(target: string, text: string, mode: number): Promise<void> {
  const temporary = temporaryNameFor(target)
  try {
    await writeAndSync(temporary, text, mode)
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncDirectory(path.dirname(target))
}

/** Creates the file, with exactly this mode whatever the umask, and waits until it is on the disk. */
export async function writeAndSync(file: string, text: string, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode)
  try {
    await handle.chmod(mode)
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes a rename, a link or a removal in the directory survive a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** For the few small files that must be on disk before anything else happens. */
export function writeDurablySync(target: string, text: string, mode: number): void {
  const temporary = temporaryNameFor(target)
  try {
    const fd = openSync(temporary, 'wx', mode)
    try {
      writeSync(fd, text)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  const directory = openSync(path.dirname(target), constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
