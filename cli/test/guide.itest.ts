/** Runs docs/guide.md as a reader would: each command in a shell, in an empty directory, against what stands there. */
import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'

const GUIDE = path.resolve(import.meta.dirname, '../../docs/guide.md')
const PROGRAM = path.resolve(import.meta.dirname, '../dist/orc.js')

interface Step {
  readonly command: string
  /** Lines; `…` stands for anything within a line, or for any lines when it stands alone. */
  readonly output: readonly string[]
}

function stepsOf(markdown: string): Step[] {
  const blocks = [...markdown.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [command = '', ...output] = part.trimEnd().split('\n')
        return { command, output }
      }),
  )
}

function asPattern(output: readonly string[]): RegExp {
  const lines = output.map((line) =>
    line === '…' ? '(?:[^\\n]*\\n)*' : `${line.split('…').map(escape).join('[^\\n]*').replaceAll(/ {2,}/g, ' +')} *\\n`,
  )
  return new RegExp(`^${lines.join('')}$`)
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}

/** All commands in one shell, so that variables live on; what each one printed. */
async function runAll(steps: readonly Step[], cwd: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const mark = 'end-of-step-4711'
  const shell = spawn('bash', ['-s'], { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] })
  const chunks: Buffer[] = []
  shell.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const script = steps.map(({ command }) => `${command}\necho ${mark}`)
  shell.stdin.end(`exec 2>&1\n${script.join('\n')}\n`)
  await new Promise((resolve) => shell.on('close', resolve))
  return Buffer.concat(chunks).toString().split(`${mark}\n`).slice(0, -1)
}

test('the guide works as it is written', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'orc-guide-'))
  const bin = path.join(dir, 'bin')
  const work = path.join(dir, 'work')
  await mkdir(bin)
  await mkdir(work)
  await writeFile(path.join(bin, 'orc'), `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`)
  await chmod(path.join(bin, 'orc'), 0o755)
  const first = 29_000 + Math.floor(Math.random() * 50) * 10
  const env = {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    HOME: dir,
    ORC_LISTEN: '127.0.0.1:0',
    ORC_PORT_RANGE: `${String(first)}-${String(first + 100)}`,
  }
  const steps = stepsOf(await readFile(GUIDE, 'utf8'))
  try {
    const outputs = await runAll(steps, work, env)
    expect(steps.length).toBeGreaterThan(30)
    expect(outputs).toHaveLength(steps.length)
    for (const [index, { command, output }] of steps.entries())
      expect(outputs[index], `$ ${command}`).toMatch(asPattern(output))
  } finally {
    await runAll([{ command: 'orc down', output: [] }], work, env)
    await rm(dir, { recursive: true, force: true })
  }
})
