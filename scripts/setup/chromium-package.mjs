// Brings the Chromium that is inside an npm package into a cache that all checkouts of a user share.
//
// Only the files of @sparticuz/chromium are used. Its own JavaScript needs a newer Node than ours, unpacks to one fixed
// place in /tmp for all users, and starts the browser with its web security turned off.
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { brotliDecompressSync, createBrotliDecompress, gunzipSync } from 'node:zlib'
import { npm } from './npm.mjs'
import { say, seconds } from './progress.mjs'
import { extractTar, tarEntries } from './tar.mjs'

const version = '153.0.0'
const integrity = 'sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=='

/** Libraries (nss and the like), a font, and the software renderer: what a bare machine lacks. */
const archives = ['al2023', 'fonts', 'swiftshader']

/** Resolves with the path of a program that starts Chromium, or with undefined on a machine that it cannot run on. */
export async function chromiumFromNpm() {
  if (process.platform !== 'linux' || process.arch !== 'x64' || !isGlibc()) return undefined
  const home = path.join(userCache(), `chromium-${version}`)
  const program = path.join(home, 'chromium.sh')
  if (!existsSync(program)) await fill(home)
  return program
}

function userCache() {
  const { ORC_CACHE, XDG_CACHE_HOME } = process.env
  return ORC_CACHE ?? path.join(XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'orc')
}

/** The directory appears whole or not at all, so a download cut short or done twice at once does no harm. */
async function fill(home) {
  const since = performance.now()
  say(`bringing Chromium ${version} from the npm registry (64 MB, once per user)`)
  await mkdir(path.dirname(home), { recursive: true })
  const work = await mkdtemp(`${home}.`)
  try {
    const staged = path.join(work, 'chromium')
    await mkdir(staged)
    await unpackBrowser(await download(work), staged)
    await writeFile(path.join(staged, 'fonts.conf'), fontsConf(home))
    await writeFile(path.join(staged, 'chromium.sh'), launcher, { mode: 0o755 })
    await moveIntoPlace(staged, home)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  say(`Chromium is in ${home} after ${seconds(since)}`)
}

async function download(directory) {
  // Its own package.json keeps npm from taking `directory` for a part of a package further up.
  await writeFile(path.join(directory, 'package.json'), '{"private":true}')
  const args = ['pack', `@sparticuz/chromium@${version}`, '--json', '--ignore-scripts', '--prefer-offline']
  const stdout = await npm('downloading Chromium (npm pack)', [...args, '--loglevel=error'], { cwd: directory })
  const [{ filename }] = Object.values(JSON.parse(stdout))
  const tarball = await readFile(path.join(directory, filename))
  const found = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  if (found !== integrity) throw new Error(`the package's integrity is ${found}, expected ${integrity}`)
  return tarball
}

async function unpackBrowser(tarball, target) {
  const packed = path.join(target, 'chromium.br')
  for (const { name, content } of tarEntries(gunzipSync(tarball))) {
    if (name === 'package/bin/chromium.br') await writeFile(packed, content)
    for (const archive of archives) {
      if (name === `package/bin/${archive}.tar.br`) extractTar(brotliDecompressSync(content), target)
    }
  }
  // As a stream: the browser is 200 MB when unpacked.
  const program = createWriteStream(path.join(target, 'chromium'), { mode: 0o755 })
  await pipeline(createReadStream(packed), createBrotliDecompress({ chunkSize: 1 << 20 }), program)
  await rm(packed)
}

async function moveIntoPlace(staged, home) {
  try {
    await rename(staged, home)
  } catch (error) {
    if (!existsSync(path.join(home, 'chromium.sh'))) throw error
    // Another process was faster: its copy is the same.
  }
}

/**
 * The libraries are for this one program. Put into the environment of the test run instead, they would replace those
 * of every program that a test starts.
 */
const launcher = `#!/bin/sh
home=$(dirname -- "$0")
LD_LIBRARY_PATH=$home/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
if [ ! -e /etc/fonts/fonts.conf ]; then
  FONTCONFIG_PATH=$home FONTCONFIG_FILE=$home/fonts.conf
  export FONTCONFIG_PATH FONTCONFIG_FILE
fi
exec "$home/chromium" "$@"
`

/** The package's own file names places that only exist on the cloud service it was made for. */
function fontsConf(home) {
  const fonts = [path.join(home, 'fonts'), '/usr/share/fonts', '/usr/local/share/fonts']
  return [
    '<?xml version="1.0"?>',
    '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">',
    '<fontconfig>',
    ...fonts.map((directory) => `  <dir>${escapeXml(directory)}</dir>`),
    `  <cachedir>${escapeXml(path.join(home, 'fontcache'))}</cachedir>`,
    '</fontconfig>',
    '',
  ].join('\n')
}

function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function isGlibc() {
  return process.report.getReport().header.glibcVersionRuntime !== undefined
}
