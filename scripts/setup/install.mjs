// Keeps node_modules equal to package-lock.json: installs when either changed or an install was cut short.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { npm } from './npm.mjs'
import { inRoot } from './paths.mjs'
import { say, seconds } from './progress.mjs'

// npm removes the whole directory first, so an install that was killed halfway leaves no stamp.
const stampFile = inRoot('node_modules', '.orc-stamp')

// Dev dependencies too, whatever NODE_ENV says: they build the dashboard. No dependency needs its install script.
const options = ['--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']

export function isInstalled() {
  return read(stampFile) === wantedStamp()
}

export async function install() {
  if (isInstalledByHand()) return writeFileSync(stampFile, wantedStamp())
  const since = performance.now()
  const state = existsSync(inRoot('node_modules')) ? 'dependencies changed or half installed' : 'first run'
  say(`${state}: installing with npm ci, which takes about 15 s`, { important: true })
  await npm('installing the dependencies (npm ci)', ['ci', ...options])
  writeFileSync(stampFile, wantedStamp())
  say(`installed in ${seconds(since)}`)
}

function wantedStamp() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  const { workspaces } = JSON.parse(read(inRoot('package.json')))
  const files = ['package-lock.json', 'package.json', ...workspaces.map((name) => `${name}/package.json`)]
  for (const file of files) hash.update('\0').update(read(inRoot(file)))
  return hash.digest('hex')
}

/** Did somebody run `npm ci` or `npm install` themselves? npm writes this record last, when all is in place. */
function isInstalledByHand() {
  const record = packagesOf(inRoot('node_modules', '.package-lock.json'))
  const wanted = Object.entries(packagesOf(inRoot('package-lock.json')))
  const required = wanted.filter(([place, entry]) => place.includes('node_modules/') && !entry.optional)
  return required.length > 0 && required.every(([place, entry]) => isSame(record[place], entry))
}

function isSame(installed, locked) {
  if (installed === undefined) return false
  return locked.link ? installed.resolved === locked.resolved : installed.integrity === locked.integrity
}

function packagesOf(lockFile) {
  return JSON.parse(read(lockFile) || '{}').packages ?? {}
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
