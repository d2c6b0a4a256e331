/** Uids of objects that nobody stores: the same for the same text, always. */
import { createHash } from 'node:crypto'

/** A version 5 UUID (RFC 9562) of the text, in orc's own name space. */
export function derivedUid(text: string): string {
  const namespace = Buffer.from('6f72632e646576003f5b9d2c7e1a4c88', 'hex')
  const bytes = createHash('sha1').update(namespace).update(text).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
