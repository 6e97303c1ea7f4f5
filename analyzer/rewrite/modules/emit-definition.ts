import type { BracesValue, DeclaredVariable, ItemEntry } from '../../code/tree.ts'
import { variablesIn } from '../../code/variables.ts'
import { applyEdits } from '../../fix/edits.ts'
import type { TextEdit } from '../../fix/fix.ts'
import { fields, type StateFunction } from '../../semantics/module-defs.ts'
import { greatest } from '../../source/lists.ts'
import type { EditList } from '../edit-list.ts'
import { aboveComment, indentAt, lineEndOf, withGap } from '../places.ts'
import type { Sources } from '../sources.ts'
import type { Lookups, Need } from './emit-access.ts'
import { execName, gilOf } from './emit-init.ts'
import type { InitCode } from './init-code.ts'
import type { ModuleParts } from './module-parts.ts'
import type { Names } from './names.ts'
import type { StateMember } from './state-members.ts'

/** The `PyModuleDef` of a module, with its initialiser. */
export interface Definition {
  readonly variable: DeclaredVariable
  readonly initialiser: BracesValue
  readonly items: readonly ItemEntry[]
  /** Whether a function declares it. */
  readonly isLocal: boolean
}

/** @returns null where it is not understood */
export function definitionOfInit(sources: Sources, { file, def, maker }: InitCode): Definition | null {
  const isIt = ({ nameSpan }: DeclaredVariable): boolean => nameSpan.start === def.span.start
  const local = variablesIn(maker).find(isIt)
  const variable = local ?? sources.code(file).variables.find(isIt)
  return variable ? definitionOf(sources, file, variable, local !== undefined) : null
}

/** @returns null where it is not understood */
export function definitionOf(
  sources: Sources,
  file: string,
  variable: DeclaredVariable,
  isLocal: boolean,
): Definition | null {
  const { initialiser } = variable
  if (initialiser?.kind !== 'braces' || initialiser.entries === null) return null
  if (variable.declaration.variables.length > 1) return null
  const items = initialiser.entries.flatMap((each) => (each.kind === 'item' && !each.holdsDirectives ? [each] : []))
  if (items.length < initialiser.entries.length || items.length === 0) return null
  if (sources.code(file).holdsDirectives(variable.declaration.span)) return null
  return { variable, initialiser, items, isLocal }
}

/** The functions that are written for a state: those that it has not already, where it owns something. */
function madeFunctions({ members, existing }: Pick<ModuleParts, 'members' | 'existing'>): readonly StateFunction[] {
  const ownsNone = !members.some(({ ownership }) => ownership.owns)
  const all = ['m_traverse', 'm_clear', 'm_free'] as const
  return ownsNone ? [] : all.filter((each) => !existing?.functions[each])
}

/** Whether the function that clears a state says what is gone, so that it may be called once more. */
function mayClearTwice(sources: Sources, existing: ModuleParts['existing']): boolean {
  const clear = existing?.functions.m_clear
  return (
    !clear ||
    !/\b(?!Py_CLEAR\b)\w*(?:DECREF|DecRef|[Ff]ree|dealloc)\w*\s*\(/.test(sources.written(clear.file, clear.code.span))
  )
}

/** What stands before the definition, and behind it. */
export interface Around {
  readonly before: string
  readonly behind: string
}

/** What it depends on. */
interface AroundSettings {
  readonly lookups: Lookups
  /** Whether interpreters with a GIL of their own may import the module. */
  readonly isIsolated: boolean
  /** Whether several files use the state. */
  readonly isShared: boolean
  /** Whether macros give functions the state. */
  readonly hasMacros: boolean
}

/** The C of the functions that see to the state, of the slots, and of the functions that find the state. */
export function aroundDefinition(
  { sources, init, members, existing }: ModuleParts,
  names: Names,
  { lookups, isIsolated, isShared, hasMacros }: AroundSettings,
): Around {
  const gil = gilOf(sources, init)
  const { prefix, struct, state, module } = names
  const owned = members.filter(({ ownership }) => ownership.owns)
  const each = (macro: string): string => owned.map(({ name }) => `    ${macro}(${state}->${name});`).join('\n')
  const find = `    ${struct} *${state} = (${struct} *)PyModule_GetState(${module});`
  const clear = `${prefix}_clear`
  const freeing = mayClearTwice(sources, existing)
    ? `    ${existing?.functions.m_clear?.code.name ?? clear}((PyObject *)${module});`
    : `${find}\n${each('Py_CLEAR')}`
  const functions: Readonly<Record<StateFunction, string>> = {
    m_traverse: `static int
${prefix}_traverse(PyObject *${module}, visitproc visit, void *arg)
{
${find}
${each('Py_VISIT')}
    return 0;
}

`,
    m_clear: `static int
${clear}(PyObject *${module})
{
${find}
${each('Py_CLEAR')}
    return 0;
}

`,
    m_free: `static void
${prefix}_free(void *${module})
{
${freeing}
}

`,
  }
  const seeTo = madeFunctions({ members, existing })
    .map((field) => functions[field])
    .join('')
  const exec = execName(init, names)
  // The headers of 3.15 define the slots at all levels, and their values where the level has them.
  const interpreters = `#ifdef Py_MOD_PER_INTERPRETER_GIL_SUPPORTED
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
`
  const gilSlot =
    gil === null
      ? ''
      : `#ifdef Py_MOD_GIL_USED
    {Py_mod_gil, ${gil}},
#endif
`
  const slots = `static int ${exec}(PyObject *${init.variable ?? names.module});

static PyModuleDef_Slot ${prefix}_slots[] = {
    {Py_mod_exec, (void *)${exec}},
${isIsolated ? interpreters : ''}${gilSlot}    {0, NULL}
};

`
  const token = hasMacros ? `\nPepState_DEFINED_BY(${struct}, &${init.def.variable})\n` : ''
  return { before: seeTo + slots, behind: token + lookupFunctions(init, names, lookups, isShared) }
}

function lookupFunctions(
  { def }: InitCode,
  { prefix, struct, module }: Names,
  { byType, byOperands, byPower }: Lookups,
  isShared: boolean,
): string {
  const type = `
${linkage(byType, isShared)}${struct} *
${prefix}_state_of_type(PyTypeObject *type)
{
    PyObject *${module} = PepType_GetModuleByDef(type, &${def.variable});
    return ${module} == NULL ? NULL : (${struct} *)PyModule_GetState(${module});
}
`
  const others = (names: readonly string[]): string =>
    names
      .map(
        (name) => `    if (${module} == NULL) {
        PyErr_Clear();
        ${module} = PepType_GetModuleByDef(Py_TYPE(${name}), &${def.variable});
    }
`,
      )
      .join('')
  const ofOperands = (suffix: string, need: Need, [first, ...rest]: readonly string[]): string => `
${linkage(need, isShared)}${struct} *
${prefix}_state_of_${suffix}(${[first, ...rest].map((name) => `PyObject *${name}`).join(', ')})
{
    PyObject *${module} = PepType_GetModuleByDef(Py_TYPE(${first}), &${def.variable});
${others(rest)}    return ${module} == NULL ? NULL : (${struct} *)PyModule_GetState(${module});
}
`
  return [
    byType === 'never' ? '' : type,
    byOperands === 'never' ? '' : ofOperands('operands', byOperands, ofTwo),
    byPower === 'never' ? '' : ofOperands('power', byPower, ofThree),
  ].join('')
}

const ofTwo = ['left', 'right']
const ofThree = ['base', 'exponent', 'modulus']

/** What stands before a function that finds the state: nobody warns of one that is inline, and not used. */
const linkage = (need: Need, isShared: boolean): string =>
  isShared ? '' : need === 'always' ? 'static ' : 'static inline '

/** How each member of the state is declared, with the comment of its variable. */
export const memberLines = (members: readonly StateMember[]): readonly string[] =>
  members.map(({ declarator, comment, name, variable }) => {
    const named = declarator.replace(new RegExp(`\\b${variable.name}\\b(?=[^\\w]*(?:\\[|$))`), name)
    return `${named};${comment === '' ? '' : ` ${comment}`}`
  })

/** The declarations of the functions that find the state. */
export function lookupLines(
  { prefix, struct }: Names,
  { byType, byOperands, byPower }: Lookups,
  isShared: boolean,
): readonly string[] {
  const line = (suffix: string, need: Need, parameters: string): readonly string[] =>
    need === 'never' ? [] : [`${linkage(need, isShared)}${struct} *${prefix}_state_of_${suffix}(${parameters});`]
  const objects = (all: readonly string[]): string => all.map((name) => `PyObject *${name}`).join(', ')
  return [
    ...line('type', byType, 'PyTypeObject *type'),
    ...line('operands', byOperands, objects(ofTwo)),
    ...line('power', byPower, objects(ofThree)),
  ]
}

/** The declaration of the state, and of the functions that find it. */
export function stateDeclaration(
  members: readonly StateMember[],
  names: Names,
  lookups: Lookups,
  isShared: boolean,
  hasMacros: boolean,
): string {
  const found = lookupLines(names, lookups, isShared)
  const lines = [
    '/* What was once for the process, and is now for each module object. */',
    `typedef struct ${isShared ? `${names.struct} ` : ''}{`,
    ...memberLines(members).map((each) => `    ${each}`),
    `} ${names.struct};`,
    '',
    ...(hasMacros ? [`PepState_DECLARE(${names.struct});`, ''] : []),
    ...found,
    ...(found.length === 0 ? [] : ['']),
  ]
  return `${lines.join('\n')}\n`
}

/** Writes the fields of the definition. */
export function emitDefinition(
  { sources, init: { file }, members, existing }: ModuleParts,
  definition: Definition,
  names: Names,
  around: Around,
  edits: EditList,
): string {
  const text = sources.text(file)
  const lineEnd = lineEndOf(text)
  const size = members.length > 0 ? `sizeof(${names.struct})` : '0'
  const values = new Map([
    ...(existing ? [] : [['m_size', size] as const]),
    ['m_slots', `${names.prefix}_slots`],
    ...madeFunctions({ members, existing }).map((each) => [each, `${names.prefix}${each.slice(1)}`] as const),
  ])
  const changed = fieldEdits(text, definition, values)
  const { declaration } = definition.variable
  const { start, end } = declaration.span
  const withEnds = (written: string): string => written.replaceAll('\n', lineEnd)
  if (!definition.isLocal) {
    for (const edit of changed) edits.add(file, edit)
    edits.insert(file, aboveComment(text, start), withEnds(around.before))
    if (around.behind !== '') edits.insert(file, end, withEnds(`\n${around.behind.trimEnd()}`))
    return ''
  }
  const own = applyEdits(
    text.slice(start, end),
    changed.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start })),
  )
  const indent = indentAt(text, start)
  const dedented = own
    .split('\n')
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    .join('\n')
  edits.replace(file, withGap(text, start, end), '')
  const made = /^\s*static\b/.test(dedented) ? dedented : `static ${dedented}`
  return withEnds(`${around.before}${made.replaceAll('\r\n', '\n')}\n${around.behind}\n`)
}

/** Characters between a `=` and what is behind it. */
const longestGap = 200

/** The edits that give fields of a struct values; those that it does not name come where the order of fields wants. */
export function fieldEdits(
  text: string,
  { initialiser, items }: Pick<Definition, 'initialiser' | 'items'>,
  values: ReadonlyMap<string, string>,
): TextEdit[] {
  const isDesignated = items.some(({ designator }) => designator !== null)
  const indexes: number[] = []
  let next = 0
  for (const { designator } of items) {
    const index = designator === null ? next : fields.indexOf(designator)
    indexes.push(index)
    next = index + 1
  }
  const edits: TextEdit[] = []
  const { start } = initialiser.span
  // `PyModuleDef def{...}`: as most people write it, which is the same.
  if (!/=\s*$/.test(text.slice(Math.max(0, start - longestGap), start))) edits.push({ start, end: start, text: ' = ' })
  const added = new Map<number, string[]>()
  const highest = greatest([...values.keys()].map((field) => fields.indexOf(field)))
  for (const [index, field] of fields.entries()) {
    const at = indexes.indexOf(index)
    const value = values.get(field)
    if (at >= 0) {
      if (value !== undefined) edits.push({ ...items[at]!.written, text: value })
      continue
    }
    if (value === undefined && (isDesignated || index > highest)) continue
    const behind = indexes.reduce(
      (best, each, position) => (each < index && (best < 0 || each > indexes[best]!) ? position : best),
      -1,
    )
    const written = isDesignated ? `.${field} = ${value!}` : (value ?? 'NULL')
    added.set(behind, [...(added.get(behind) ?? []), written])
  }
  const lineEnd = lineEndOf(text)
  for (const [position, written] of added) {
    const item = items[Math.max(position, 0)]!
    const isMultiLine = text.slice(initialiser.span.start, item.span.start).includes('\n')
    const separator = isMultiLine ? `${lineEnd}${indentAt(text, item.span.start)}` : ' '
    const { end } = item.written
    edits.push({ start: end, end, text: written.map((each) => `,${separator}${each}`).join('') })
  }
  return edits
}
