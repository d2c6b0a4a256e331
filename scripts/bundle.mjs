// Bundles the CLI and the controller into cli/dist: orc.js, orcd.js and the chunks that they share or load later.
//
//   node scripts/bundle.mjs [--analyze]
//
// A controller that runs while this is done goes on undisturbed. It may still load a chunk, in an hour or in a week,
// so chunks are never changed and not soon removed: their names carry a hash of their content, a new build adds its
// own beside them, and one is removed only when it is in none of the last `keptBuilds` builds. Everything is written
// to a directory of its own first and then renamed, the entries last, so nobody ever sees half a build. Entries keep
// their names: a thread that an old controller starts after a rebuild is a new one, so its messages must stay readable.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { analyzeMetafile, build } from 'esbuild'

const root = path.resolve(import.meta.dirname, '..')
const dist = path.join(root, 'cli/dist')
const entries = {
  orc: 'cli/src/main.ts',
  orcd: 'controller/src/main.ts',
  // Threads of the daemon are programs of their own.
  'decode-worker': 'controller/src/manifests/decode-worker.ts',
  'history-worker': 'controller/src/history/history-worker.ts',
}
const record = 'builds.json'
const stagingPrefix = '.staging-'
const keptBuilds = 20
const shebang = '#!/usr/bin/env node\n'

mkdirSync(dist, { recursive: true })
removeUnfinished()
const staging = mkdtempSync(path.join(dist, stagingPrefix))
try {
  const { metafile } = await bundleInto(staging)
  makeExecutable(path.join(staging, 'orc.js'))
  publish(staging)
  if (process.argv.includes('--analyze')) console.log(await sizes(metafile))
} catch (error) {
  // esbuild has printed its own errors, with the lines of the source they are about.
  if (error.errors === undefined) console.error(error)
  process.exitCode = 1
} finally {
  rmSync(staging, { recursive: true, force: true })
}

function bundleInto(outdir) {
  return build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    conditions: ['orc-src'],
    // libsql finds its binary by its own place on disk; the other two are optional and native.
    external: ['libsql', 'bufferutil', 'utf-8-validate'],
    // express and ws are CommonJS: inside an ES module they need a `require` made for it.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })
}

function makeExecutable(file) {
  const text = readFileSync(file, 'utf8')
  if (!text.startsWith('#!')) writeFileSync(file, shebang + text)
  chmodSync(file, 0o755)
}

function publish(staged) {
  const files = readdirSync(staged)
  const isEntry = (name) => Object.keys(entries).includes(path.parse(name).name)
  const chunks = files.filter((name) => !isEntry(name))
  // Recorded before anything is visible: a build cut short here leaves nothing that no record names.
  const builds = addBuild(readRecord(), chunks.sort())
  writeFileSync(path.join(staged, record), JSON.stringify(builds))
  for (const name of [record, ...chunks, ...files.filter(isEntry)]) {
    renameSync(path.join(staged, name), path.join(dist, name))
  }
  prune(new Set(builds.flatMap((each) => each.chunks)))
}

/** The same build again pushes no older one out. */
function addBuild(builds, chunks) {
  const others = builds.filter((each) => each.chunks.join() !== chunks.join())
  return [...others, { chunks }].slice(-keptBuilds)
}

/** A build that was killed leaves its directory behind. */
function removeUnfinished() {
  for (const name of readdirSync(dist).filter((each) => each.startsWith(stagingPrefix))) {
    rmSync(path.join(dist, name), { recursive: true, force: true })
  }
}

/** Only what a bundle leaves here is looked at: the compiler writes to the same directory. */
function prune(kept) {
  for (const { name } of readdirSync(dist, { withFileTypes: true }).filter((entry) => entry.isFile())) {
    if (/-[A-Z0-9]{8}\.js$/.test(name) && !kept.has(name)) rmSync(path.join(dist, name), { force: true })
  }
}

function readRecord() {
  const file = path.join(dist, record)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
}

async function sizes(metafile) {
  const outputs = Object.entries(metafile.outputs).sort(([, a], [, b]) => b.bytes - a.bytes)
  const lines = outputs.map(
    ([file, { bytes }]) => `${(bytes / 1024).toFixed(1).padStart(9)} KiB  ${path.basename(file)}`,
  )
  return `${lines.join('\n')}\n${await analyzeMetafile(metafile)}`
}
