/** The YAML library, for the commands that need it: loading it takes longer than most commands run. */
import { Document, isScalar, parse, Scalar, visit } from 'yaml'
import { escapeControls, hasControls } from './printers/plain.ts'

/** JSON too: every JSON text is YAML. Throws on what is neither. */
export function parseYaml(text: string): unknown {
  return parse(text)
}

/** The same value in YAML, with everything escaped that a terminal would obey. */
export function toYaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false })
  visit(document, {
    Scalar(_, node) {
      // Only in double quotes can a character be written as an escape.
      if (typeof node.value === 'string' && hasControls(node.value)) node.type = Scalar.QUOTE_DOUBLE
    },
    Pair(_, { key }) {
      if (isScalar(key) && typeof key.value === 'string' && hasControls(key.value)) key.type = Scalar.QUOTE_DOUBLE
    },
  })
  return escapeControls(document.toString({ lineWidth: 0 }))
}
