import { aliases } from './build.ts'
import type { Shim } from './shim.ts'

/** The type objects of CPython that the Limited API lacks, and where Python has them. */
const types = [
  ['Function', 'types.FunctionType'],
  ['Method', 'types.MethodType'],
  ['Gen', 'types.GeneratorType'],
  ['Coro', 'types.CoroutineType'],
  ['AsyncGen', 'types.AsyncGeneratorType'],
  ['Code', 'types.CodeType'],
  ['StaticMethod', 'builtins.staticmethod'],
  ['ClassMethod', 'builtins.classmethod'],
  ['ODict', 'collections.OrderedDict'],
] as const

const imported = ([name, path]: (typeof types)[number]): string =>
  `#define Pep${name}_Type (*PepInterpreter_GetType("pep:${path}", NULL))`

const [first, ...others] = types.map(([name]) => `Pep${name}_Type`)

/** Type objects of several headers */
export const typeobjects: readonly Shim[] = [
  {
    provides: [first!, ...others],
    replaces: types.map(([name]) => `Py${name}_Type`),
    until: null,
    since: 6,
    differs:
      'An lvalue for `&` alone, in functions. Its address is NULL where the type cannot be imported, which is ' +
      'reported as unraisable.',
    cost: 'one lookup in a dict',
    limited: types.map(imported).join('\n'),
    full: aliases(Object.fromEntries(types.map(([name]) => [`Pep${name}_Type`, `Py${name}_Type`]))),
  },
]
