import type { Recipe } from '../recipe.ts'
import { showVersion } from '../version.ts'
import { recipes } from './index.ts'

/** The page on what fixes write: `docs/fixes.md`, made of the recipes themselves. */
export const fixesPage = (): string => `<!-- Made by npm run docs from analyzer/knowledge/recipes; do not edit. -->

# Fixes

What \`abi3lint check --fix\` writes instead of a name of the C API, and with \`--unsafe-fixes\`. A fix is **safe** if in every build, with
and without \`Py_LIMITED_API\`, with the CPython of the target or newer, and for every input for which the old code has a meaning, the
new code does the same: values, exceptions, reference counts, audit events. What CPython's own assertions refuse has no meaning,
nor has a call with an exception set of what may raise one. Of the others the last column says what may differ. Of several ways for one name the first is taken that
the target offers and that fits the place. Casts are written only where the operand has another type. \`Pep...\` are
[shims](shims.md).

| name | is written as | only where | safe |
| --- | --- | --- | --- |
${[...recipes.values()].flat().map(row).join('\n')}
`

const code = (text: string): string =>
  text === '' ? 'nothing: the statement goes' : `\`${text.replaceAll('|', '\\|')}\``

/** What a literal has to be, in words. */
function literalText({ source }: RegExp): string {
  if (source === String.raw`^\d+$`) return 'a number'
  return `\`${source.replace(/[\^$]|\\b|\(\?:|\)/g, '').replaceAll('|', ' or ')}\``
}

function row({ name, parameters, shown, differs, conditions }: Recipe): string {
  const isField = name.includes('.')
  const from = parameters === null || isField ? name : `${name}(${parameters.join(', ')})`
  const { sameFrom, fresh, statement, keepsSize, literals, whole, characters, ascii } = conditions
  const places = [
    ...(fresh ? ['nobody else has the container yet, and its items are not set'] : []),
    ...(statement && !fresh ? ['it is a statement of its own'] : []),
    ...(keepsSize ? ['the function does not set the size of the container'] : []),
    ...(whole ? ['no field of it is read'] : []),
    ...(characters ? ['nothing is done with the data but to read characters by `PyUnicode_READ`'] : []),
    ...(ascii ? ['tests on every path say that the str is ASCII, and nobody writes to its data'] : []),
    ...(literals ?? []).map(([operand, written]) => `\`${parameters![operand]!}\` is ${literalText(written)}`),
  ]
  const safe =
    differs === '' ? 'yes' : sameFrom === undefined ? differs : `from ${showVersion(sameFrom)} on; before, ${differs}`
  return `| ${code(from)} | ${code(shown)} | ${places.join('; ')} | ${safe.replaceAll('|', '\\|')} |`
}
