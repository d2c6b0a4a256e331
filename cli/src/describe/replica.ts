/** One replica: what it does, since when, and how its last run ended. Pure. */
import type { Pod, Terminated } from '@orc/schemas'
import { constants } from 'node:os'
import { ageOf, formatDuration } from '../printers/age.ts'
import { formatFields, formatQuote, type FieldOptions } from '../printers/fields.ts'
import { usageWords } from './rollout-fields.ts'
import { podStatus } from '../printers/status-word.ts'

export interface ReplicaOptions extends FieldOptions {
  readonly nowMs: number
  /** Of its service: the fingerprint of the content that there is now. */
  readonly configRevision?: string | undefined
}

export function formatReplica(pod: Pod, options: ReplicaOptions): string {
  const { status, spec } = pod
  const [{ restartCount, state, lastState }] = status.containerStatuses
  const ended = state.terminated ?? lastState.terminated
  const fields = formatFields(
    [
      ['Status', statusWords(podStatus(pod), status.message)],
      ['Pid', status.orc.pid === undefined ? undefined : `${String(status.orc.pid)}${since(state.running, options)}`],
      ['Uses', usageWords(status.orc)],
      ['Ports', spec.containers[0].ports.map(({ name, containerPort }) => `${name} ${String(containerPort)}`)],
      ['Content', contentWords(status.orc.configRevision, options)],
      ['Restarts', String(restartCount)],
      ['Next start', nextStart(status.orc.nextRetryTime, options)],
      ['Last exit', ended === undefined ? undefined : exitWords(ended, options)],
    ],
    options,
  )
  const words = ended?.message === undefined || ended.message === '' ? '' : formatQuote(ended.message, nested(options))
  return fields + words
}

function nested({ indent = '', raw = false }: ReplicaOptions): FieldOptions {
  return { indent: `${indent}  `, raw }
}

/** The word and the sentence, unless the sentence begins with the word or says nothing more. */
function statusWords(word: string, message: string | undefined): string {
  if (message === undefined || message === '' || message === 'Ready.') return word
  return message.startsWith(word) ? message : `${word}. ${message}`
}

/** `files` may be newer than what the process has read. */
function contentWords(known: string | undefined, { configRevision }: ReplicaOptions): string | undefined {
  if (known === undefined || configRevision === undefined) return undefined
  return known === configRevision
    ? 'as its ConfigMaps and Secrets are now'
    : 'its process has read older content than its ConfigMaps and Secrets have now'
}

function since(running: { readonly startedAt: string } | undefined, { nowMs }: ReplicaOptions): string {
  return running === undefined ? '' : `, started ${ageOf(running.startedAt, nowMs)} ago`
}

function nextStart(time: string | undefined, { nowMs }: ReplicaOptions): string | undefined {
  return time === undefined ? undefined : `in ${formatDuration(Date.parse(time) - nowMs)}`
}

/** `code 7 (Exited), 5m ago, after 40s`. */
function exitWords({ exitCode, signal, reason, startedAt, finishedAt }: Terminated, { nowMs }: ReplicaOptions): string {
  const how = signal === undefined ? codeWords(exitCode) : signalName(signal)
  const ranMs = Date.parse(finishedAt) - Date.parse(startedAt)
  return `${how} (${reason}), ${ageOf(finishedAt, nowMs)} ago, after ${formatDuration(ranMs)}`
}

/** Nobody saw how it ended: then there is no code to show. */
function codeWords(exitCode: number): string {
  return exitCode < 0 ? 'unknown' : `code ${String(exitCode)}`
}

function signalName(signal: number): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0]
  return name ?? `signal ${String(signal)}`
}
