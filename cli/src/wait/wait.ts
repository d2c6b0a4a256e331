/** Waits until each of some objects has reached a goal, says so of each, and names those that did not in time. */
import { Failure } from '../failure.ts'
import { INTERRUPTED, type OrcContext } from '../orc-context.ts'
import { Waiting, type WaitRequest } from './waiting.ts'

/** Which objects are meant is settled at the beginning. A connection that breaks is made again until the time is over. */
export async function waitFor(request: WaitRequest, context: OrcContext): Promise<number> {
  const rooms = request.selections.map((selection) => new Waiting(request, selection, context))
  const counts = await Promise.all(rooms.map((room) => room.begin()))
  if (request.goal.type !== 'Delete' && counts.every((count) => count === 0))
    throw new Failure('no matching resources found')
  const interruption = context.interruption()
  if (request.timeoutMs > 0) {
    const signal = AbortSignal.any([interruption, AbortSignal.timeout(request.timeoutMs)])
    await Promise.all(rooms.map((room) => room.run(signal)))
  }
  if (interruption.aborted) return INTERRUPTED
  return rooms.map((room) => room.conclude()).every((isGood) => isGood) ? 0 : 1
}
