/** The index of the last of some sorted numbers that is not above a value; -1 where all are. */
export function lastUpTo(sorted: ArrayLike<number>, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** The index of the first of some values that has what all behind it have, too; the length where none has. */
export function firstIndex<T>(values: readonly T[], has: (value: T) => boolean): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (has(values[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}
