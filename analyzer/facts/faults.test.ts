import { expect, test } from 'vitest'
import { factsOf } from '../../fixtures/in-memory.ts'

/* Faults that were found once. */

test('a file on which the parser fails does not take the next ones with it', () => {
  try {
    factsOf({ 'bad.c': ';f('.repeat(3000) })
  } catch {
    /* this file may be given up */
  }
  expect(factsOf({ 'good.c': 'void g(PyTypeObject *t) { t->tp_free(0); }' })[0]!.members).toHaveLength(1)
})
