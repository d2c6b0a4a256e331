/** How grave a line is, by what the loggers of the world write. Pure. */
import type { LogLevel } from '@orc/sdk/client'

const NAMES: readonly (readonly [LogLevel, RegExp])[] = [
  ['trace', /^(trace|verbose)$/],
  ['debug', /^debug$/],
  ['info', /^(info|information|notice)$/],
  ['warn', /^(warn|warning)$/],
  ['error', /^(error|err)$/],
  ['fatal', /^(fatal|critical|crit|alert|emergency|emerg|panic)$/],
]
const PINO: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/** Words that are levels only in capitals, near the beginning; or `level=warn`, as logfmt has it. */
const IN_TEXT =
  /\b(?:level=["']?(\w+)|(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL|CRIT|PANIC)\b(?!=))/
const NEAR = 80

/** Of text without escape sequences. */
export function levelOf(text: string): LogLevel | undefined {
  if (text.startsWith('{')) return levelOfJson(text)
  const [, named, word] = IN_TEXT.exec(text.slice(0, NEAR)) ?? []
  return named === undefined && word === undefined ? undefined : levelNamed(named ?? word ?? '')
}

function levelOfJson(text: string): LogLevel | undefined {
  try {
    const { level, severity, levelname } = JSON.parse(text) as Record<string, unknown>
    const value = level ?? severity ?? levelname
    if (typeof value === 'number') return PINO[Math.min(Math.floor(value / 10), PINO.length) - 1]
    return typeof value === 'string' ? levelNamed(value) : undefined
  } catch {
    return undefined
  }
}

function levelNamed(name: string): LogLevel | undefined {
  return NAMES.find(([, pattern]) => pattern.test(name.toLowerCase()))?.[0]
}
