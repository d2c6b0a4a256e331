/** The limits of a service in numbers, and which of them are left to samples. */
import { parseQuantity, type AcceptedSpec } from '@orc/schemas'
import type { RunLimits } from '../runtime/runtime.ts'

export function limitsOf({ resources }: AcceptedSpec): RunLimits {
  const { cpu, memory, pids } = resources?.limits ?? {}
  return { ...quantity('cpu', cpu), ...quantity('memory', memory), ...(pids === undefined ? {} : { pids }) }
}

function quantity(name: 'cpu' | 'memory', text: string | number | undefined): RunLimits {
  const value = text === undefined ? undefined : parseQuantity(text)
  return value === undefined ? {} : { [name]: value }
}
