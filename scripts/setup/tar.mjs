// Reads tar archives that are in memory: plain files and directories, and no entry that leads out of the target.
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const blockSize = 512

/** The plain files of an archive, in order: `name`, `mode` and `content`. Links and devices are left out. */
export function* tarEntries(archive) {
  let offset = 0
  while (offset + blockSize <= archive.length && archive[offset] !== 0) {
    const header = readHeader(archive, offset)
    const start = offset + blockSize
    if (header.type === '0' || header.type === '') {
      yield { name: header.name, mode: header.mode, content: archive.subarray(start, start + header.size) }
    }
    offset = start + Math.ceil(header.size / blockSize) * blockSize
  }
}

export function extractTar(archive, directory) {
  for (const { name, mode, content } of tarEntries(archive)) {
    const file = path.resolve(directory, name)
    if (!file.startsWith(directory + path.sep)) throw new Error(`the archive names a file outside of itself: ${name}`)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, content, { mode: mode & 0o777 })
  }
}

function readHeader(archive, offset) {
  const text = (start, length) => {
    const field = archive.toString('utf8', offset + start, offset + start + length)
    return field.split('\0', 1)[0]
  }
  const octal = (start, length) => parseInt(text(start, length), 8) || 0
  const prefix = text(345, 155)
  const name = text(0, 100)
  return {
    name: prefix ? `${prefix}/${name}` : name,
    mode: octal(100, 8) || 0o644,
    size: octal(124, 12),
    type: text(156, 1),
  }
}
