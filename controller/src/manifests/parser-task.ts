/** The work on texts that may be done in a thread of its own; the same there as here. */
import { decode, type Decoded } from '@orc/schemas'
import { editDocument, removeDocument, type Edited } from './edit.ts'

export type Task =
  | { readonly type: 'Decode'; readonly text: string }
  | {
      readonly type: 'Edit'
      readonly text: string
      readonly index: number
      readonly before: unknown
      readonly wanted: unknown
    }
  | { readonly type: 'Remove'; readonly text: string; readonly index: number }

export function carryOut(task: Task): Decoded | Edited {
  switch (task.type) {
    case 'Decode':
      return decode(task.text)
    case 'Edit':
      return editDocument(task.text, task.index, task.before, task.wanted)
    case 'Remove':
      return removeDocument(task.text, task.index)
  }
}
