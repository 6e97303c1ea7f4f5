import { pointersIn } from '../../analyzer/knowledge/object-sizes.ts'
import type { Shim } from './shim.ts'

/** Room for what free-threaded builds have at the beginning of every object, and for what later versions may add. */
const spare = 6

/**
 * Structs that structs of a project begin with, so that its types have another base than `object`: as much room as the
 * real one takes, whatever Python loads the binary.
 */
export const objectstructs: readonly Shim[] = Object.entries(pointersIn).map(([name, pointers]) => ({
  provides: [`Pep${name.slice(2)}`],
  replaces: [name],
  until: null,
  since: 3,
  differs: 'No field has a name. A Python whose objects need more room refuses to make the type, with TypeError.',
  cost: 'some more bytes in each object',
  limited: `typedef struct { void *room[${pointers + spare}]; } Pep${name.slice(2)};`,
  full: `typedef ${name} Pep${name.slice(2)};`,
}))
