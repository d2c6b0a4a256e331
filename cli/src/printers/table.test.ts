import { expect, test } from 'vitest'
import { columnWidths, formatTable } from './table.ts'

const rows = [
  ['NAME', 'STATUS', 'MESSAGE'],
  ['a', { text: 'ok', paint: (text: string) => `<${text}>` }, ''],
  ['longer', 'bad', 'two\nlines \u001b[31mred'],
]

test('aligns columns by what is seen and leaves no space at the end of a line', () => {
  expect(formatTable(rows)).toBe('NAME     STATUS   MESSAGE\na        <ok>\nlonger   bad      two lines red\n')
})

test('keeps later rows in line with earlier ones', () => {
  const widths = columnWidths(rows)
  expect(formatTable([['b', 'x', 'y']], { widths })).toBe('b        x        y\n')
})

test('passes cells on as they are when asked to', () => {
  expect(formatTable([['\u001b[31mred', 'x']], { raw: true })).toBe('\u001b[31mred   x\n')
})
