/** Whether a service is to be down, and why. */
import type { AcceptedService, World } from './world.ts'

export function reasonToBeDown(world: World, accepted: AcceptedService): 'ControllerShutdown' | 'Stopped' | undefined {
  if (world.shuttingDown) return 'ControllerShutdown'
  return isStopped(world, accepted) ? 'Stopped' : undefined
}

function isStopped({ wallMs }: World, { spec }: AcceptedService): boolean {
  if (spec.operatingMode !== 'Stopped') return false
  return spec.operatingModeUntil === undefined || wallMs < Date.parse(spec.operatingModeUntil)
}
