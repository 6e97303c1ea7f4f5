/** Puts values behind those of a list. As many as there are: a call takes some ten thousands of arguments at most. */
export function addAll<T>(list: T[], more: Iterable<T>): void {
  for (const each of more) list.push(each)
}

/** The least of some numbers; infinite for none. */
export function least(numbers: Iterable<number>): number {
  let found = Number.POSITIVE_INFINITY
  for (const each of numbers) found = Math.min(found, each)
  return found
}

/** The greatest of some numbers; minus infinity for none. */
export function greatest(numbers: Iterable<number>): number {
  let found = Number.NEGATIVE_INFINITY
  for (const each of numbers) found = Math.max(found, each)
  return found
}

/**
 * A list with no room for more, which one that grew by `push` or `flatMap` has: up to seventeen places. For lists that
 * are kept by the hundred thousand.
 */
export const exact = <T>(list: readonly T[]): readonly T[] => list.slice()
