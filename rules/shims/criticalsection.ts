import { aliases, fromHeaders } from './build.ts'
import type { Shim } from './shim.ts'

const blocks = `
#define Pep_BEGIN_CRITICAL_SECTION(op) {
#define Pep_END_CRITICAL_SECTION() }
#define Pep_BEGIN_CRITICAL_SECTION2(a, b) {
#define Pep_END_CRITICAL_SECTION2() }
`

/** critical_section.h */
export const criticalsection: readonly Shim[] = [
  {
    provides: [
      'Pep_BEGIN_CRITICAL_SECTION',
      'Pep_END_CRITICAL_SECTION',
      'Pep_BEGIN_CRITICAL_SECTION2',
      'Pep_END_CRITICAL_SECTION2',
    ],
    replaces: [
      'Py_BEGIN_CRITICAL_SECTION',
      'Py_END_CRITICAL_SECTION',
      'Py_BEGIN_CRITICAL_SECTION2',
      'Py_END_CRITICAL_SECTION2',
    ],
    until: 15,
    since: 2,
    differs: '',
    cost: 'none: Pythons that load a binary of a lower level than 3.15 have the GIL, with which nothing is locked',
    limited: blocks,
    full: fromHeaders(
      13,
      aliases({
        Pep_BEGIN_CRITICAL_SECTION: 'Py_BEGIN_CRITICAL_SECTION',
        Pep_END_CRITICAL_SECTION: 'Py_END_CRITICAL_SECTION',
        Pep_BEGIN_CRITICAL_SECTION2: 'Py_BEGIN_CRITICAL_SECTION2',
        Pep_END_CRITICAL_SECTION2: 'Py_END_CRITICAL_SECTION2',
      }),
      blocks,
    ),
  },
]
