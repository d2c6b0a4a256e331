/** What is recorded of a request to end a run, after what was recorded before. */
import type { StopRecord, StopRequest } from './runtime.ts'

export function stopAfter(before: StopRecord | undefined, request: StopRequest, nowMs: number): StopRecord {
  if (before === undefined) {
    const { reason, signal, graceMs, isHeld } = request
    return { reason, signal, graceMs, requestedAtMs: nowMs, ...(isHeld === true && { isHeld }) }
  }
  if (request.isHeld === true) return before
  const { isHeld: _isHeld, ...sent } = before
  return sent
}
