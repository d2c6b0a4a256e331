/** The status of an object by its own address: what clients that write it elsewhere read here. */
import type { WholeSubresource } from './resource.ts'

export const STATUS: WholeSubresource = {
  type: 'Whole',
  name: 'status',
  verbs: ['get'],
  refusal: 'orc alone writes status: it says what was observed. Change the spec instead',
}
