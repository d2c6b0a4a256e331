/** Runs a task for each item, a bounded number at once; results in the order of the items. */

/** Enough to keep the disk busy, few enough to stay far from the limit of open files. */
const AT_ONCE = 32

export async function inParallel<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const queue = items.entries()
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await task(item)
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work))
  return results
}
