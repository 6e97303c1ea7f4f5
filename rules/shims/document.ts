import { newest, showVersion } from '../../analyzer/knowledge/version.ts'
import { shimsByHeader } from './index.ts'
import { instead, sections } from './instead.ts'
import type { Shim } from './shim.ts'

/** The page on the shims: `docs/shims.md`, made of the shims themselves. */
export function shimsPage(): string {
  return `<!-- Made by npm run docs from rules/shims; do not edit. -->

# Shims

\`Pep*\` names for what the Limited API does not have. \`abi3lint shims\` lists them, and

\`\`\`console
$ abi3lint shims -t 3.9 PepRun_String PepType_GetTpName -o pep_shims.h
\`\`\`

writes a header with those that are asked for and what they use. A real name may be given as well: \`PyRun_String\` for \`PepRun_String\`.
Include it instead of \`Python.h\`.

- Under \`Py_LIMITED_API\` they are small \`static inline\` functions; without it, or from the level on that has the real thing, they are
  other names for the real thing. The level decides, not the version of the headers.
- They have the signature and the semantics of the real thing; what differs is said below. All results are checked.
- A result is borrowed only where the real one is, and where an owner surely keeps it.
- Nothing is kept for the process. What is looked up once is kept in the dictionary of the interpreter, so sub-interpreters do not meet.
- C99 and later, C++11 and later, headers of CPython 3.9 to ${showVersion(newest)}, abi3t. Tests build them all at the levels 3.8 to ${showVersion(newest)} and run
  them on CPython 3.9, 3.11, 3.13, 3.14 and 3.15 (\`npm run shims:proof\`).

"Needless from" is the level whose Limited API has the real thing.

${[...shimsByHeader].map(([header, list]) => `## ${header}\n\n${table(list)}`).join('\n\n')}

## PySide's transition, section by section

What PySide's document "The Transition To The Limited Python API (PEP384)" did, and what stands for it here.

| section | PySide | here |
| --- | --- | --- |
${sections.map(({ section, there, here }) => row(section, there, here)).join('\n')}

## No shim, and what to do instead

| names | because | instead |
| --- | --- | --- |
${instead.map(({ names, because, use }) => row(names.map(code).join(', '), because, use)).join('\n')}

## Data behind a type

PySide kept data behind its types, at an offset known at run time. Two ways:

- *Behind.* A metatype whose \`basicsize\` is \`PepType_AlignedSize(&PyType_Type) + sizeof(data)\` has room for it in each of its types, and
  \`PepObject_GetTypeData(type, metatype)\` finds it. From level 3.12 on the metatype may also be made with a negative \`basicsize\`.
- *Beside.* \`PepType_SetExtraData(type, "module.name", data, destructor)\` keeps a capsule for a type in a \`weakref.WeakKeyDictionary\` of
  the interpreter; \`PepType_GetExtraData(type, "module.name")\` finds it. It goes with the type: then the destructor gets the capsule
  and frees what \`PyCapsule_GetPointer\` gives. By the time of the metatype's \`tp_dealloc\` the data is no longer there.
`
}

const code = (name: string): string => `\`${name}\``
const cell = (text: string): string => text.replaceAll('|', '\\|')
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

function table(list: readonly Shim[]): string {
  const rows = list.map(({ provides, replaces, since, until, differs, cost }) =>
    row(
      provides.map(code).join(', '),
      replaces.map(code).join(', '),
      showVersion(since),
      until === null ? '' : showVersion(until),
      differs,
      cost,
    ),
  )
  return (
    `| shim | for | from | needless from | what differs | cost |\n| --- | --- | --- | --- | --- | --- ` +
    `|\n${rows.join('\n')}`
  )
}
