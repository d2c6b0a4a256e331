/** The reference of conditions and reasons as Markdown, from the closed list in src/reasons.ts. */

/** What each group of the list is about, by its comment there. */
const GROUPS = {
  Accepted:
    'Reasons of the condition `Accepted`: is the declared spec the one in force? `False` says nothing about what runs.',
  'Ready, Progressing':
    'Reasons of `Ready` (does every wanted replica serve?) and of `Progressing` (is something on its way?), and of the pods of a service.',
  Stalled:
    'Reasons of `Stalled`: orc cannot go on by itself, somebody has to do something. They are reasons of `Ready` too.',
  'Events only': 'Reasons that only events have.',
  Terminations: 'Why a run ended (`lastState.terminated.reason` of a pod), and why orc ended it.',
}

export function reasonReference(source) {
  const list = /export const REASONS = \{\n([\s\S]*?)\n\} as const/.exec(source)?.[1] ?? ''
  const lines = list.split('\n').flatMap((line) => {
    const [, group] = /^ {2}\/\/ (.+)$/.exec(line) ?? []
    if (group !== undefined) return heading(group)
    const [, reason, text] = /^ {2}(\w+): '(.+)',$/.exec(line) ?? []
    if (reason === undefined) throw new Error(`reasons.ts: a line that is neither a group nor a reason: ${line}`)
    return [`| \`${reason}\` | ${text.replaceAll("\\'", "'")} |`]
  })
  return `# Conditions and reasons

Generated from \`schemas/src/reasons.ts\`; do not edit. A condition has a status, a reason from this list and a sentence. A reason is never renamed and never reused, so that one can search, script and alert on it:
\`orc wait agentservice/NAME --for=condition=Ready\`, \`orc get events --field-selector reason=BackOff\`.
${lines.join('\n')}
`
}

function heading(group) {
  const text = GROUPS[group]
  if (text === undefined) throw new Error(`reasons.ts: the group "${group}" has no text in generate/reasons.mjs`)
  return ['', `## ${group}`, '', text, '', '| reason | meaning |', '| --- | --- |']
}
