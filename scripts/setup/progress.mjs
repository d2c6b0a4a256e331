// Tells the person at the terminal what setup does and what went wrong, on stderr and in whole sentences.

/**
 * A failure that the person can do something about. `message` says what to do; `output` is what the failing tool
 * printed, if any. Anything else that is thrown is our mistake and is shown with its stack.
 */
export class SetupError extends Error {
  name = 'SetupError'

  constructor(message, output = '') {
    super(message)
    this.output = output.trim()
  }
}

const startedAtMs = performance.now()
let quiet = false

/** `./orc get` must not talk about builds; it still says when it has to install, because that takes long. */
export function beQuiet() {
  quiet = true
}

export function seconds(sinceMs) {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`
}

export function say(message, { important = false } = {}) {
  if (quiet && !important) return
  console.error(`${dim(`[setup ${seconds(startedAtMs)}]`)} ${message}`)
}

export function reportFailure(error) {
  if (!(error instanceof SetupError)) {
    console.error(error)
    return
  }
  if (error.output) console.error(error.output)
  console.error(`orc: ${error.message}`)
}

function dim(text) {
  return process.stderr.isTTY ? `\x1b[2m${text}\x1b[0m` : text
}
