// Answers "did any of these files change?" by their content, so that a checkout or a touch never causes a rebuild.
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { root } from './paths.mjs'

const ignoredAnywhere = new Set(['node_modules', 'generated', 'golden', '__pycache__'])
// What a workspace keeps beside its sources: outputs, and tests, which are in no bundle.
const ignoredInWorkspace = new Set(['dist', 'build', 'coverage', '.svelte-kit', 'test', 'crd', 'docs'])
const testFile = /\.[a-z]?test\.ts$/

/** One hash over names and contents of files and directories, given relative to the root. What is absent is empty. */
export function fingerprint(sources) {
  const hash = createHash('sha256')
  for (const file of sources.flatMap(filesOf)) {
    const content = readFileSync(path.join(root, file))
    hash.update(`${file}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

function filesOf(source) {
  const stat = statSync(path.join(root, source), { throwIfNoEntry: false })
  if (stat === undefined) return []
  return stat.isDirectory() ? filesIn(source, ignoredInWorkspace) : [source]
}

function filesIn(directory, ignoredHere = new Set()) {
  return readdirSync(path.join(root, directory), { withFileTypes: true })
    .filter(({ name }) => !ignoredAnywhere.has(name) && !ignoredHere.has(name) && !testFile.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = path.join(directory, entry.name)
      if (entry.isDirectory()) return filesIn(file)
      return entry.isFile() ? [file] : []
    })
}
