/** The controller's own log: one line an event on stderr, for people and for `grep`. */

export interface Log {
  info(message: string): void
  warn(message: string): void
  /** The stack is printed: an error is a fault of ours, not of the user. */
  error(message: string, error?: unknown): void
}

export function streamLog(stream: NodeJS.WritableStream): Log {
  const write = (level: string, message: string): void => {
    stream.write(`${new Date().toISOString()} ${level} ${message}\n`)
  }
  return {
    info: (message) => {
      write('info ', message)
    },
    warn: (message) => {
      write('warn ', message)
    },
    error: (message, error) => {
      write('error', error === undefined ? message : `${message}: ${textOf(error)}`)
    },
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
