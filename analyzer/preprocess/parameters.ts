/** Lists that are longer are not gone through for each name. */
const many = 16

const indexes = new WeakMap<readonly string[], ReadonlyMap<string, number>>()

/** Which of the parameters of a macro a name is; -1 for none. */
export function parameterNumber(parameters: readonly string[], name: string): number {
  if (parameters.length <= many) return parameters.indexOf(name)
  let known = indexes.get(parameters)
  if (!known) {
    known = new Map([...parameters.entries()].reverse().map(([index, each]) => [each, index]))
    indexes.set(parameters, known)
  }
  return known.get(name) ?? -1
}
