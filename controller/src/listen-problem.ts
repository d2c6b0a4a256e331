/** Why a door cannot be opened, in words that say what to do. */
import { UsageError, type Config } from './config.ts'

export function listenProblem(error: unknown, { host, port }: Config): unknown {
  const { code } = error as NodeJS.ErrnoException
  const address = `${host}:${String(port)}`
  if (code === 'EADDRINUSE')
    return new UsageError(
      `${address} is taken by another program; choose another address with --listen (port 0 picks a free one)`,
    )
  if (code === 'EACCES')
    return new UsageError(`${address} may not be used by this user; choose a port above 1023 with --listen`)
  return error
}
