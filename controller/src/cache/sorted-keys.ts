/** The keys of one kind, sorted by namespace and name, so that a namespace is one stretch of them. */
import type { Key } from '@orc/schemas'

/** Compares code units, as etcd does: the same order on every host. */
export class SortedKeys {
  readonly #keys: Key[] = []

  add(key: Key): void {
    const index = this.#indexOf(key)
    if (this.#keys[index] !== key) this.#keys.splice(index, 0, key)
  }

  delete(key: Key): void {
    const index = this.#indexOf(key)
    if (this.#keys[index] === key) this.#keys.splice(index, 1)
  }

  /** The keys that begin with the prefix, which must end with a slash. */
  startingWith(prefix: string): readonly Key[] {
    // '0' is the character after '/': no key with the prefix is above it, and no other between the two.
    return this.#keys.slice(this.#indexOf(prefix), this.#indexOf(`${prefix.slice(0, -1)}0`))
  }

  /** Where the key is or belongs. */
  #indexOf(key: Key): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#keys[middle] as Key) < key) low = middle + 1
      else high = middle
    }
    return low
  }
}
