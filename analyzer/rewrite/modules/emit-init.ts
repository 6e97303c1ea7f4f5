import { callsIn, isBraceless } from '../../code/placement.ts'
import { eachStatement } from '../../code/statements.ts'
import type { Statement } from '../../code/tree.ts'
import { calleeName } from '../../code/values.ts'
import { variablesNamed } from '../../code/variables.ts'
import type { Span } from '../../source/text.ts'
import type { EditList } from '../edit-list.ts'
import { indentAt, lineEndOf, withGap } from '../places.ts'
import type { Sources } from '../sources.ts'
import { isSurelyUsed } from './emit-access.ts'
import { removeVariables } from './emit-members.ts'
import type { InitCode } from './init-code.ts'
import type { ModuleParts } from './module-parts.ts'
import type { Names } from './names.ts'
import type { Obstacles } from './obstacles.ts'
import type { StateAccess } from './state-access.ts'

/** What the function that fills the module is called. */
export const execName = ({ entry, maker }: InitCode, { prefix }: Names): string =>
  entry === maker ? `${prefix}_exec` : maker.name

/**
 * Makes of the function that makes the module the one that fills it, and gives CPython the definition instead.
 * @param before what stands before the function that Python calls: a definition that stood in it
 */
export function emitInit(
  { sources, init, access, members }: ModuleParts,
  names: Names,
  before: string,
  edits: EditList,
  obstacles: Obstacles,
): void {
  const { file, entry, entryHead, maker, announcements, def, variable, creation, macroReturns, ends, releases } = init
  const text = sources.text(file)
  const lineEnd = lineEndOf(text)
  const head = entry === maker ? entryHead : { start: maker.headStart, end: maker.span.start }
  const old = text.slice(head.start, head.end)
  if (/#[ \t]*(?:if|el|endif)|\/\*|\/\//.test(old))
    obstacles.add(file, maker.nameSpan.start, 'the head of the function that makes it is not understood')
  const module = variable ?? names.module
  const start = `static int${lineEnd}${execName(init, names)}(PyObject *${module})`
  edits.replace(file, head, start + /\s*$/.exec(old)![0])
  const written = text.slice(entryHead.start, entryHead.end)
  const body = `{${lineEnd}    return PyModuleDef_Init(&${def.variable});${lineEnd}}`
  if (entry === maker) edits.insert(file, maker.span.end, `${lineEnd}${lineEnd}${before}${written}${lineEnd}${body}`)
  else {
    edits.replace(file, entry.span, body)
    if (before !== '') edits.insert(file, entry.headStart, before)
  }
  const keeper = members.find(({ isModule }) => isModule)
  const [first, check] = creation
  const isOne =
    first && check && /^\s*$/.test(text.slice(first.span.end, check.span.start)) && first.kind !== 'declaration'
  if (keeper && first) {
    edits.replace(file, first.span, `${names.state}->${keeper.name} = ${module};`)
    if (check) removeOwn(sources, init, check, edits)
  } else if (isOne) edits.replace(file, withGap(text, first.span.start, check.span.end), '')
  else for (const each of creation) removeOwn(sources, init, each, edits)
  for (const { start: from, end } of announcements) edits.replace(file, withGap(text, from, end), '')
  const [declared] = variablesNamed(maker, variable)
  if (declared) removeVariables(text, file, [declared], edits)
  for (const { file: where, ...span } of macroReturns) edits.replace(where, span, '-1')
  for (const each of releases) removeOwn(sources, init, each, edits)
  if (!isModuleUsed(sources, init, access)) {
    const indent = maker.body[0] ? indentAt(text, maker.body[0].span.start) : '    '
    edits.insert(file, maker.span.start + 1, `${lineEnd}${indent}(void)${module};`)
  }
  const result = mayFailUnnoticed(init) ? 'PyErr_Occurred() ? -1 : 0' : '0'
  for (const { statement, gives } of ends)
    edits.replace(file, statement.span, `return ${gives === 'error' ? '-1' : result};`)
}

/** Whether the function that fills the module uses it in all builds. */
function isModuleUsed(sources: Sources, init: InitCode, { users }: StateAccess): boolean {
  const { file, maker, variable, creation, ends, releases } = init
  const user = users.get(maker)
  if (user && (user.needsState || isSurelyUsed(sources, user))) return true
  const gone: readonly Span[] = [...creation, ...releases, ...ends.map(({ statement }) => statement)].map(
    ({ span }) => span,
  )
  const declared = variablesNamed(maker, variable).map(({ nameSpan }) => nameSpan)
  const depth = sources.regionsAround({ file, offset: maker.span.start }).length
  const uses = variable === null ? [] : sources.code(file).referencesIn(variable, maker.span)
  return uses.some(
    (offset) =>
      ![...gone, ...declared].some(({ start, end }) => start <= offset && offset < end) &&
      sources.regionsAround({ file, offset }).length === depth,
  )
}

/** Takes a statement away, with its lines; where it is all that an `if` does, a semicolon stays. */
function removeOwn(sources: Sources, { file, maker }: InitCode, statement: Statement, edits: EditList): void {
  const { start, end } = statement.span
  // The variable goes, and with it its value.
  if (statement.kind === 'declaration') return
  if (isBraceless(maker, statement)) edits.replace(file, { start, end }, ';')
  else edits.replace(file, withGap(sources.text(file), start, end), '')
}

/** Whether something is called that may fail, and nobody asks. */
function mayFailUnnoticed({ maker, creation, releases }: InitCode): boolean {
  const alone = eachStatement(maker.body).flatMap((statement) =>
    statement.kind === 'expression' && !creation.includes(statement) && !releases.includes(statement)
      ? [statement]
      : [],
  )
  const starts = new Set(alone.map(({ value }) => value?.span.start))
  return (
    callsIn(maker).some(
      (call) =>
        starts.has(call.span.start) && !/^Py_(?:X?INCREF|X?DECREF|CLEAR|IncRef|DecRef)$/.test(calleeName(call) ?? ''),
    ) || alone.some(({ value }) => value?.kind === 'assign')
  )
}

/** What the maker says of the GIL by a call, which several phases say by a slot; null for nothing. */
export function gilOf(sources: Sources, { file, maker }: InitCode): string | null {
  const call = callsIn(maker).find((each) => calleeName(each) === 'PyUnstable_Module_SetGIL')
  const said = call?.operands[1]
  return said ? sources.written(file, said.span) : null
}
