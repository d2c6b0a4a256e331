/** The whole page as one answer: who needs somebody, who is changing, who is as declared, and a sentence about it. Pure. */
import type { Manifest } from '@orc/schemas'
import { groupBy } from './group-by.ts'
import { bySeverity, type Attention } from './present.ts'
import type { ServiceView } from './service-view.ts'

export interface BrokenFile {
  readonly path: string
  /** `path:line:column: what to do`. */
  readonly errors: readonly string[]
}

/** A piece of a sentence; with `href` it is a link to where the thing is shown. */
export interface Piece {
  readonly text: string
  readonly href?: string
}

export interface Overview {
  readonly files: readonly BrokenFile[]
  readonly groups: Readonly<Record<Attention, readonly ServiceView[]>>
  /** How many things need somebody: services and files. */
  readonly needsYou: number
  readonly total: number
  readonly culprits: readonly Piece[]
}

const NAMES_IN_A_SENTENCE = 4

export function overviewOf(services: readonly ServiceView[], manifests: readonly Manifest[]): Overview {
  const files = brokenFiles(manifests)
  const sorted = services.toSorted((a, b) => bySeverity(a.presentation, b.presentation) || compareNames(a, b))
  const inGroup = (attention: Attention) => sorted.filter(({ presentation }) => presentation.attention === attention)
  const groups = { NeedsYou: inGroup('NeedsYou'), Changing: inGroup('Changing'), AsDeclared: inGroup('AsDeclared') }
  return {
    files,
    groups,
    needsYou: files.length + groups.NeedsYou.length,
    total: services.length,
    culprits: [...servicePieces([...groups.NeedsYou, ...groups.Changing]), ...filePieces(files)],
  }
}

/** The id of the element that shows a service or a file: what the links of the sentence point to. */
export function anchorOf(thing: { readonly key: string } | { readonly path: string }): string {
  return 'path' in thing ? `file/${thing.path}` : thing.key
}

function brokenFiles(manifests: readonly Manifest[]): BrokenFile[] {
  return manifests
    .filter(({ status }) => status.state === 'Invalid')
    .map(({ spec, status }) => ({ path: spec.path, errors: status.errors }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** "8 of 14 services are as declared."; with a time it is about the past, while nothing new is heard of. */
export function answerOf({ groups, total, files }: Overview, at?: string): string {
  const { subject, are, what } = claimOf(groups.AsDeclared.length, total)
  const past = { is: 'was', are: 'were' } as const
  const claim = `${subject} ${at === undefined ? are : past[are]} ${what}${at === undefined ? '' : ` at ${at}`}`
  const unread = `${count(files.length, 'file')} ${at === undefined ? 'cannot' : 'could not'} be read`
  return files.length === 0 ? `${claim}.` : `${claim}; ${unread}.`
}

function claimOf(asDeclared: number, total: number): { subject: string; are: 'is' | 'are'; what: string } {
  const what = 'as declared'
  if (total === 0) return { subject: 'No service', are: 'is', what: 'declared' }
  if (total === 1) return { subject: '1 service', are: 'is', what: asDeclared === 1 ? what : `not ${what}` }
  if (asDeclared === total) return { subject: `All ${String(total)} services`, are: 'are', what }
  if (asDeclared === 0) return { subject: `None of ${String(total)} services`, are: 'is', what }
  return { subject: `${String(asDeclared)} of ${String(total)} services`, are: asDeclared === 1 ? 'is' : 'are', what }
}

/** "a and b keep crashing. c is rolling out." */
function servicePieces(services: readonly ServiceView[]): Piece[] {
  const byPhrase = groupBy(services, ({ presentation }) => presentation.phrase)
  return Array.from(byPhrase, ([[one, many], those]) => [
    ...joinNames(those.map((service) => ({ text: service.name, href: hrefOf(service) }))),
    { text: ` ${those.length === 1 ? one : many}. ` },
  ]).flat()
}

function filePieces(files: readonly BrokenFile[]): Piece[] {
  if (files.length === 0) return []
  const names = joinNames(files.map((file) => ({ text: file.path, href: hrefOf(file) })))
  return [...names, { text: ` ${files.length === 1 ? 'is' : 'are'} not valid.` }]
}

function joinNames(names: readonly Piece[]): Piece[] {
  const shown = names.length <= NAMES_IN_A_SENTENCE ? names : names.slice(0, NAMES_IN_A_SENTENCE - 1)
  const others = names.length - shown.length
  const all = others === 0 ? shown : [...shown, { text: count(others, 'other') }]
  return all.flatMap((name, index) => {
    if (index === 0) return [name]
    return [{ text: index === all.length - 1 ? ' and ' : ', ' }, name]
  })
}

function hrefOf(thing: Parameters<typeof anchorOf>[0]): string {
  return `#${encodeURIComponent(anchorOf(thing))}`
}

function count(many: number, noun: string): string {
  return `${String(many)} ${noun}${many === 1 ? '' : 's'}`
}

function compareNames(a: ServiceView, b: ServiceView): number {
  return compareText(a.name, b.name) || compareText(a.namespace, b.namespace)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
