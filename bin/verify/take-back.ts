/** How many of the first steps of a port change no outcome; and what the next one changes, where there is one. */
export interface Kept {
  readonly count: number
  readonly differences: readonly string[]
}

/**
 * Finds the steps of a port that can be kept: all of them, or those before the first one with which something differs.
 * A step stands on those before it, so what comes after that one is not kept either.
 * @param count how many steps there are
 * @param differences what differs with the first so many steps; nothing where all is as before the port
 */
export async function stepsToKeep(
  count: number,
  differences: (steps: number) => Promise<readonly string[]>,
): Promise<Kept> {
  const ofAll = count === 0 ? [] : await differences(count)
  if (ofAll.length === 0) return { count, differences: [] }
  for (let steps = 1; steps < count; steps++) {
    const found = await differences(steps)
    if (found.length > 0) return { count: steps - 1, differences: found }
  }
  return { count: count - 1, differences: ofAll }
}
