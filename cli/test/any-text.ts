/** Text with everything in it that a terminal, YAML or JSON could take amiss. */
import fc from 'fast-check'

const character = fc
  .oneof(
    fc.integer({ min: 0, max: 0x17f }),
    fc.integer({ min: 0x2000, max: 0x206f }),
    fc.constantFrom(0x61c, 0x6f22, 0xd800, 0xfeff, 0xfffe, 0x1f98a),
  )
  .map((point) => String.fromCodePoint(point))

export const anyText: fc.Arbitrary<string> = fc.array(character, { maxLength: 20 }).map((parts) => parts.join(''))
