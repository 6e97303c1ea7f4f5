/**
 * Keeps what V8 has made of the program by the end of this run for those to come; null where it is kept already.
 * `bin/start.ts` puts it here; without that, as in tests, it is not defined.
 */
declare const keepCompiled: (() => void) | null | undefined

/**
 * Keeps what V8 makes of the program, unless that is done.
 * @returns whether it is kept by the end of this run: until then flags of V8 are to stay what they are, since it is
 * good only for the same ones
 */
export function keepsCompiled(): boolean {
  if (typeof keepCompiled !== 'function') return false
  keepCompiled()
  return true
}
