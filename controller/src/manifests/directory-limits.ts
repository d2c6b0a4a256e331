/** Bounds of the whole directory: one that grew by mistake must not take the controller with it. */

export const DIRECTORY_LIMITS = { files: 10_000, bytes: 64 * 1024 * 1024 } as const

export class DirectoryLimits {
  readonly #sizes = new Map<string, number>()
  #bytes = 0

  /** Takes a file of this size in; a sentence when that would be too much, and then it is not counted. */
  admit(file: string, bytes: number): string | undefined {
    const problem = this.problemWith(file, bytes)
    if (problem !== undefined) return problem
    this.#bytes += bytes - (this.#sizes.get(file) ?? 0)
    this.#sizes.set(file, bytes)
    return undefined
  }

  /** What `admit` would say. */
  problemWith(file: string, bytes: number): string | undefined {
    const before = this.#sizes.get(file)
    const files = this.#sizes.size + (before === undefined ? 1 : 0)
    const total = this.#bytes - (before ?? 0) + bytes
    if (files > DIRECTORY_LIMITS.files)
      return `the directory holds more than ${String(DIRECTORY_LIMITS.files)} files; this one is not loaded`
    if (total > DIRECTORY_LIMITS.bytes)
      return `the files of the directory are larger than ${String(DIRECTORY_LIMITS.bytes / 1024 / 1024)} MiB together; this one is not loaded`
    return undefined
  }

  forget(file: string): void {
    this.#bytes -= this.#sizes.get(file) ?? 0
    this.#sizes.delete(file)
  }
}
