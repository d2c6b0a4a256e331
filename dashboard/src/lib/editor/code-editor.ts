/** A text field for YAML with line numbers, colours and the errors of orc at their lines; loaded only where one edits. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { linter, lintGutter, lintKeymap, type Diagnostic } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { decode, type AgentService, type Located } from '@orc/schemas'

export interface CodeEditor {
  /** Gives the whole field another text; one step for undo. */
  readonly replace: (text: string) => void
  readonly goTo: (line: number) => void
  readonly destroy: () => void
}

export interface Options {
  readonly parent: HTMLElement
  readonly text: string
  readonly label: string
  readonly onChange: (text: string) => void
  /** A moment after the last change. */
  readonly onJudge: (errors: readonly Located[]) => void
}

export function openEditor({ parent, text, label, onChange, onJudge }: Options): CodeEditor {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        yaml(),
        syntaxHighlighting(COLOURS),
        linter(
          ({ state }) => {
            const errors = errorsOf(state.sliceDoc())
            onJudge(errors)
            return errors.map((error) => diagnosticOf(state, error))
          },
          { delay: 200 },
        ),
        lintGutter(),
        // Escape, then Tab leaves the field: that is built into the view.
        keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
        THEME,
        EditorView.contentAttributes.of({ 'aria-label': label }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.sliceDoc())
        }),
      ],
    }),
  })
  return {
    replace: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
    goTo: (line) => {
      const anchor = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines)).from
      view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
      view.focus()
    },
    destroy: () => view.destroy(),
  }
}

/** What the controller would say of this text on its own, before it is asked. */
function errorsOf(text: string): readonly Located[] {
  const { errors, documents } = decode(text)
  return [...errors, ...documents.flatMap((document) => document.errors)]
}

/** The services that a text declares, with their defaults. */
export function servicesIn(text: string): readonly AgentService[] {
  return decode(text).documents.flatMap(({ object }) => (object?.kind === 'AgentService' ? [object] : []))
}

function diagnosticOf(state: EditorState, { line, column, message }: Located): Diagnostic {
  const at = state.doc.line(Math.min(line, state.doc.lines))
  return { from: Math.min(at.from + column - 1, at.to), to: at.to, severity: 'error', message }
}

const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--k-key)' },
  { tag: tags.string, color: 'var(--k-str)' },
  { tag: [tags.number, tags.bool], color: 'var(--k-num)' },
  { tag: tags.comment, color: 'var(--k-com)', fontStyle: 'italic' },
])

const THEME = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'var(--surface)' },
  '.cm-scroller': { font: '13px/22px var(--font-mono)' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '.cm-content': { caretColor: 'var(--ink)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--ink-3)', border: '0' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--accent-tint)',
  },
  '.cm-tooltip': { backgroundColor: 'var(--surface)', border: '1px solid var(--line)', boxShadow: 'var(--shadow-2)' },
  '.cm-diagnostic-error': { borderLeft: '0', color: 'var(--bad)' },
})
