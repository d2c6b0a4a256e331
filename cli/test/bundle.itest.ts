import { build, type Metafile } from 'esbuild'
import path from 'node:path'
import { expect, test } from 'vitest'

/** Takes longer to load than most commands run. */
const HEAVY = /node_modules\/(yaml|ajv|express|chokidar)\/|generated\/(validate|schemas)\./

test('what every command loads at its start is light', async () => {
  const { metafile } = await build({
    absWorkingDir: path.resolve(import.meta.dirname, '../..'),
    // Together with the daemon, as the real bundle is: what one entry uses must not make the other load it.
    entryPoints: { orc: 'cli/src/main.ts', orcd: 'controller/src/main.ts' },
    outdir: 'out',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    conditions: ['orc-src'],
    external: ['libsql', 'bufferutil', 'utf-8-validate'],
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  const start = filesLoadedBy(metafile, 'out/orc.js')
  const dispatch = Object.keys(metafile.outputs).find((output) => /\/dispatch-\w+\.js$/.test(output)) ?? ''
  const command = filesLoadedBy(metafile, dispatch)
  expect(start).toContain('cli/src/main.ts')
  expect(start.filter((file) => file.includes('clipanion'))).toEqual([])
  expect(command).toContain('cli/src/commands/get.ts')
  expect([...start, ...command].filter((file) => HEAVY.test(file))).toEqual([])
})

/** Sources in an output and in all that it imports at once. */
function filesLoadedBy({ outputs }: Metafile, entry: string): string[] {
  const seen = new Set<string>()
  const visit = (output: string): void => {
    if (seen.has(output) || outputs[output] === undefined) return
    seen.add(output)
    for (const { path: imported, kind } of outputs[output].imports) if (kind === 'import-statement') visit(imported)
  }
  visit(entry)
  return [...seen].flatMap((output) => Object.keys(outputs[output]?.inputs ?? {}))
}
