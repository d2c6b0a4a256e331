/** `-oyaml` and `-o=yaml` as `-o yaml`: people and scripts write kubectl's short options so. Pure. */
import type { Definition } from 'clipanion'

/** What follows `--` is somebody else's command line. */
export function unglue(argv: readonly string[], { options }: Pick<Definition, 'options'>): readonly string[] {
  const withValue = new Set(options.flatMap(({ definition }) => shortsWithValue(definition)))
  const end = argv.indexOf('--')
  const own = end === -1 ? argv : argv.slice(0, end)
  return [...own.flatMap((word) => parts(word, withValue)), ...argv.slice(own.length)]
}

function shortsWithValue(definition: string): readonly string[] {
  const [names = '', value] = definition.split(' ')
  return value === undefined ? [] : names.split(',').filter((name) => /^-[a-zA-Z]$/.test(name))
}

function parts(word: string, withValue: ReadonlySet<string>): readonly string[] {
  const option = word.slice(0, 2)
  if (word.length === 2 || !withValue.has(option)) return [word]
  return [option, word.slice(word.charAt(2) === '=' ? 3 : 2)]
}
