/** What each verb writes into the manifest of a service: a JSON merge patch (RFC 7386), from what a person chose. Pure. */
import { RESTARTED_AT } from '@orc/schemas'

export const VERBS = ['Start', 'Stop', 'Restart', 'Scale', 'Label'] as const

/** Rolling back needs to know to what, so it is offered beside revisions only. */
export type Verb = (typeof VERBS)[number] | 'Roll back'

export interface Inputs {
  /** Why it is stopped; '' = not said. */
  readonly reason: string
  /** Local time as a datetime-local field has it, `2026-11-22T15:00`; '' = until somebody starts it. */
  readonly until: string
  /** As typed. */
  readonly replicas: string
  /** To roll back to: its number. */
  readonly revision: string
  /** `key=value` sets, `key-` removes; with spaces between. */
  readonly labels: string
}

export const NO_INPUTS: Inputs = { reason: '', until: '', replicas: '', revision: '', labels: '' }

/** What a manifest gets, or what has to be corrected before. */
export type Wish =
  | { readonly ok: true; readonly patch: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly field: keyof Inputs; readonly problem: string }

const MOST_REPLICAS = 1000

export function wishOf(verb: Verb, inputs: Inputs, nowMs: number): Wish {
  switch (verb) {
    case 'Start':
      return spec({ operatingMode: 'Running', operatingModeReason: null, operatingModeUntil: null })
    case 'Stop':
      return stopWish(inputs, nowMs)
    case 'Restart':
      return { ok: true, patch: { metadata: { annotations: { [RESTARTED_AT]: new Date(nowMs).toISOString() } } } }
    case 'Scale':
      return scaleWish(inputs.replicas)
    case 'Roll back':
      return { ok: false, field: 'revision', problem: 'Choose a revision.' }
    case 'Label':
      return labelWish(inputs.labels)
  }
}

function spec(fields: Readonly<Record<string, unknown>>): Wish {
  return { ok: true, patch: { spec: fields } }
}

function stopWish({ reason, until }: Inputs, nowMs: number): Wish {
  const untilMs = until === '' ? undefined : new Date(until).getTime()
  if (untilMs !== undefined && !(untilMs > nowMs))
    return { ok: false, field: 'until', problem: 'Choose a time to come, or leave it empty.' }
  return spec({
    operatingMode: 'Stopped',
    operatingModeReason: reason.trim() === '' ? null : reason.trim(),
    operatingModeUntil: untilMs === undefined ? null : new Date(untilMs).toISOString().replace('.000Z', 'Z'),
  })
}

function scaleWish(text: string): Wish {
  const replicas = Number(text)
  return /^\d+$/.test(text) && replicas <= MOST_REPLICAS
    ? spec({ replicas })
    : { ok: false, field: 'replicas', problem: `A whole number from 0 to ${String(MOST_REPLICAS)}.` }
}

function labelWish(text: string): Wish {
  const changes = text.split(/\s+/).filter((word) => word !== '')
  const bad = changes.find((word) => !/^[^=]+=/.test(word) && !/^[^=]+-$/.test(word))
  if (changes.length === 0 || bad !== undefined)
    return { ok: false, field: 'labels', problem: 'Write key=value to set a label, key- to remove it.' }
  const labels = changes.map((word) => {
    const at = word.indexOf('=')
    return at === -1 ? ([word.slice(0, -1), null] as const) : ([word.slice(0, at), word.slice(at + 1)] as const)
  })
  return { ok: true, patch: { metadata: { labels: Object.fromEntries(labels) } } }
}

/** The same as a line for a shell: what is chosen here can be kept in a runbook. */
export function commandOf(verb: Verb, inputs: Inputs, names: readonly { namespace: string; name: string }[]): string {
  const namespaces = [...new Set(names.map(({ namespace }) => namespace))]
  return namespaces
    .map((namespace) => {
      const own = names.filter((name) => name.namespace === namespace).map(({ name }) => name)
      const flags = namespace === 'default' ? [] : ['-n', namespace]
      return ['orc', ...wordsOf(verb, inputs, own), ...flags].join(' ')
    })
    .join('\n')
}

function wordsOf(
  verb: Verb,
  { reason, replicas, revision, labels }: Inputs,
  names: readonly string[],
): readonly string[] {
  if (verb === 'Label') return ['label', 'agentservice', ...names, ...labels.split(/\s+/).map(quoted), '--overwrite']
  if (verb === 'Roll back') return ['rollout', 'undo', ...names, '--to-revision', revision]
  if (verb === 'Scale') return ['scale', ...names, '--replicas', replicas]
  if (verb !== 'Stop' || reason.trim() === '') return [verb.toLowerCase(), ...names]
  return ['stop', ...names, '--reason', quoted(reason.trim())]
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
