/** Names that are shown in a message; of more only their number. */
const most = 4

/** Names as a message lists them: `a`, `b` and `c`; of five the last ones as their number. At least one is given. */
export function listedNames(names: readonly string[]): string {
  const shown = (names.length > most ? names.slice(0, most - 1) : names).map((name) => `\`${name}\``)
  const last = shown.length < names.length ? `${names.length - shown.length} others` : shown.pop()!
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`
}
