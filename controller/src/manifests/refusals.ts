/** How writes of manifest files say no, and that they happen one after the other. */
import path from 'node:path'
import { formatIssue, fieldName, keyOf, type Issue, type Key } from '@orc/schemas'
import type { WriteRefusal, WriteResult } from '../ports/object-writer.ts'
import type { ManifestStore } from './manifest-store.ts'

export type Refused = Extract<WriteResult, { ok: false }>

/** One write after the other; a disk that cannot be written is an answer, not a fault of ours. */
export function exclusively(store: ManifestStore, task: () => Promise<WriteResult>): Promise<WriteResult> {
  return store.mutex.run(async () => {
    try {
      return await task()
    } catch (error) {
      const { code = '', path: file = 'the manifests' } = error as NodeJS.ErrnoException
      if (!['EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT'].includes(code)) throw error
      return no(
        'Forbidden',
        `${path.dirname(file)} cannot be written (${code}); nothing was changed. Make it writable for orc, or make room.`,
      )
    }
  })
}

export function refused(refusal: WriteRefusal): Refused {
  return { ok: false, refusal }
}

export function no(reason: Exclude<WriteRefusal['reason'], 'Invalid'>, message: string): Refused {
  return refused({ reason, message })
}

export function notFound(key: Key): Refused {
  const [kind = '', namespace = '', name = ''] = key.split('/')
  return no('NotFound', `${keyOf(kind, namespace, name)} not found`)
}

export function invalid(issues: readonly Issue[]): WriteRefusal {
  return {
    reason: 'Invalid',
    message: issues.map(formatIssue).join('; '),
    causes: issues.map((issue) => ({ field: fieldName(issue.path), message: issue.message })),
  }
}

/** Undefined where orc may write the file. */
export function refuseReadOnly(store: ManifestStore, file: string): string | undefined {
  if (store.rootOf(file).isWritable) return undefined
  return `${file} belongs to a read-only source. Change it there; nothing was written.`
}
