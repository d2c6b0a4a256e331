// Writes docs/reference/cli.md from the golden files of `orc COMMAND --help`, which tests hold to what the CLI says.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { inRoot } from './paths.mjs'

const golden = (name) => readFileSync(inRoot('cli/test/golden', name), 'utf8').trimEnd()
const fenced = (text) => `\`\`\`text\n${text}\n\`\`\``

export function writeCliReference() {
  const commands = readdirSync(inRoot('cli/test/golden'))
    .flatMap((file) => /^help-(.+)\.txt$/.exec(file)?.[1] ?? [])
    .sort()
  const parts = commands.map((name) => `## orc ${name}\n\n${fenced(golden(`help-${name}.txt`))}\n`)
  const intro = `# Commands

Generated from what \`orc --help\` and \`orc COMMAND --help\` print; do not edit.
Exit codes: the verbs of kubectl as kubectl (1 on any failure; \`diff\`: 1 = differences, more = error), orc's own verbs 0 ok, 1 failed, 2 wrong usage; 130 after Ctrl-C.
`
  writeFileSync(inRoot('docs/reference/cli.md'), `${intro}\n${fenced(golden('help.txt'))}\n\n${parts.join('\n')}`)
}
