/** Checks manifests among themselves: every mistake of every file, and objects that are declared twice. */
import { keyOfObject, type Key, type KubeObject } from '@orc/schemas'
import { checkSource } from '../apply/check.ts'
import type { Source } from '../apply/source.ts'
import type { OrcContext } from '../orc-context.ts'
import { plain } from '../printers/plain.ts'

export function validateSources(
  sources: readonly Source[],
  { stdout, stderr }: Pick<OrcContext, 'stdout' | 'stderr'>,
): number {
  const first = new Map<Key, string>()
  let objects = 0
  let errors = 0
  for (const source of sources) {
    const checked = checkSource(source, undefined)
    const twice = checked.objects.flatMap((object) => declaredTwice(object, source.name, first))
    for (const warning of checked.warnings) stderr.write(`Warning: ${plain(warning)}\n`)
    for (const error of [...checked.errors, ...twice]) stderr.write(`${plain(error)}\n`)
    objects += checked.objects.length
    errors += checked.errors.length + twice.length
  }
  const seen = `${count(sources.length, 'file')}, ${count(objects, 'object')}`
  stdout.write(errors === 0 ? `${seen}: all valid\n` : `${seen}: ${count(errors, 'error')}\n`)
  return errors === 0 ? 0 : 1
}

function declaredTwice(object: KubeObject, file: string, first: Map<Key, string>): string[] {
  const key = keyOfObject(object)
  const earlier = first.get(key)
  if (earlier === undefined) first.set(key, file)
  return earlier === undefined ? [] : [`${file}: ${key} is declared in ${earlier} too; only one of them can count`]
}

function count(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? '' : 's'}`
}
