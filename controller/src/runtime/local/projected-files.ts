/**
 * The files that runs are handed, in a directory of each run. Whoever opens one while they change gets the old or the new
 * one, whole; whoever opens the directory `..data` first has all of one time.
 *
 *   <runId>/..<revision>/   one version of all files, complete as soon as it has its name
 *   <runId>/..data          link to the version that counts; replaced in one step
 *   <runId>/<name>          link to ..data/<name>
 *
 * As volumes of Kubernetes have it, so programs that watch these see the change. The version before stays until the next
 * one: somebody may be on his way into it.
 */
import { readlinkSync } from 'node:fs'
import { chmod, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { listDirectory } from './run-directory.ts'
import type { Log } from '../../log.ts'
import type { HandedFile, ProjectedContent, RunOrder, RunPhase, RunRecord, StartResult } from '../runtime.ts'

const CURRENT = '..data'
const DRAFT = '..draft'

type Run = { readonly phase: RunPhase; readonly record: Pick<RunRecord, 'filesDir'>; projected: string | undefined }

export type HandedOver =
  { readonly ok: true; readonly where: Pick<RunRecord, 'filesDir'> } | Extract<StartResult, { ok: false }>

export class ProjectedFiles {
  readonly #directory: string
  readonly #log: Log

  constructor(directory: string, log: Log) {
    this.#directory = directory
    this.#log = log
  }

  /** Before the run is there: with the files of its order, if it has any. */
  async handOver(runId: string, { files, configRevision = '' }: RunOrder): Promise<HandedOver> {
    if (files === undefined) return { ok: true, where: {} }
    try {
      return { ok: true, where: { filesDir: await this.create(runId, configRevision, files) } }
    } catch (error) {
      await this.#remove(runId)
      const message = `The files of the service cannot be written: ${(error as Error).message}`
      return { ok: false, reason: 'StartFailed', message }
    }
  }

  directoryOf(runId: string): string {
    return path.join(this.#directory, runId)
  }

  async follow(run: Run, { configRevision, files }: ProjectedContent): Promise<void> {
    const { filesDir } = run.record
    if (filesDir === undefined || run.phase === 'Ended') return
    await this.replace(filesDir, configRevision, files).catch((error: unknown) => {
      // Its end takes the directory away under it.
      if (run.phase !== 'Ended') throw error
    })
    run.projected = configRevision
  }

  async create(runId: string, revision: string, files: readonly HandedFile[]): Promise<string> {
    const directory = this.directoryOf(runId)
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await this.replace(directory, revision, files)
    return directory
  }

  /** Idempotent: does nothing when the revision is there. One caller at a time for each directory. */
  async replace(directory: string, revision: string, files: readonly HandedFile[]): Promise<void> {
    const version = `..${revision}`
    const before = revisionIn(directory)
    if (before === revision) return
    const present = await readdir(directory)
    if (!present.includes(version)) await writeVersion(directory, version, files)
    const names = new Set(files.map(({ path: file }) => file.split('/', 1)[0] ?? file))
    // Until the version is there they lead nowhere: the file is not there yet.
    for (const name of names)
      if (!present.includes(name)) await symlink(`${CURRENT}/${name}`, path.join(directory, name))
    const next = path.join(directory, '..next')
    await rm(next, { force: true })
    await symlink(version, next)
    await rename(next, path.join(directory, CURRENT))
    const kept = new Set([...names, CURRENT, version, `..${String(before)}`])
    for (const name of present)
      if (!kept.has(name)) await rm(path.join(directory, name), { recursive: true, force: true })
  }

  /** Once the run is over. */
  takeBack({ runId, filesDir }: Pick<RunRecord, 'runId' | 'filesDir'>): void {
    if (filesDir !== undefined) void this.#remove(runId)
  }

  /** Removes what belongs to none of the runs. */
  async sweep(runIds: ReadonlySet<string>): Promise<void> {
    // Listed at once: directories of runs that begin from now on are not among them.
    const found = listDirectory(this.#directory)
    for (const runId of found) if (!runIds.has(runId)) await this.#remove(runId)
  }

  async #remove(runId: string): Promise<void> {
    await rm(this.directoryOf(runId), { recursive: true, force: true }).catch((error: unknown) => {
      this.#log.error(`cannot remove the files of run ${runId}`, error)
    })
  }
}

/** The revision of the files that count; undefined before there are any. */
export function revisionIn(directory: string): string | undefined {
  try {
    return readlinkSync(path.join(directory, CURRENT)).slice(2)
  } catch {
    return undefined
  }
}

async function writeVersion(directory: string, version: string, files: readonly HandedFile[]): Promise<void> {
  const draft = path.join(directory, DRAFT)
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { mode: 0o700 })
  for (const { path: name, content, mode } of files) {
    const file = path.join(draft, name)
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(file, content, { mode: 0o600 })
    // Not left to the umask.
    await chmod(file, mode)
  }
  await rename(draft, path.join(directory, version))
}
