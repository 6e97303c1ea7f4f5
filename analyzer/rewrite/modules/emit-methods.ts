import type { FunctionCode } from '../../code/tree.ts'
import { passedWith } from '../../knowledge/calling-conventions.ts'
import type { MethodDef } from '../../semantics/method-tables.ts'
import { addTo } from '../../source/multimap.ts'
import type { Offset } from '../../source/text.ts'
import type { EditList } from '../edit-list.ts'
import { lineEndOf } from '../places.ts'
import type { Sources } from '../sources.ts'
import { type Lookups, stateOf } from './emit-access.ts'
import { entryFunction, entryName } from './entry-functions.ts'
import type { Names } from './names.ts'
import { type Access, errorOf, placeFor } from './role-access.ts'
import type { StateAccess } from './state-access.ts'

type MethodAccess = Extract<Access, { readonly by: 'method' }>

/** What goes to a place of a file: functions, by what is said of them. */
type Written = Map<Offset, Map<string, string[]>>

const ofMethods = 'Methods that find the state by the class that defines them.'
const ofEntries = 'What CPython calls: it finds the state by the object, and hands it on.'

/**
 * Writes the functions that stand in tables for others. Those for methods get the class that defines the method, by
 * `METH_METHOD`, and hand its module's state on.
 * @param trampolines functions for which macros do that
 * @param lookups functions that find the state which are used from now on
 */
export function emitMethods(
  sources: Sources,
  { users }: StateAccess,
  trampolines: ReadonlyMap<FunctionCode, unknown>,
  names: Names,
  lookups: Lookups,
  edits: EditList,
): void {
  const written = new Map<string, Written>()
  const add = (file: string, at: Offset, what: string, made: string): void => {
    const ofFile: Written = written.get(file) ?? new Map()
    written.set(file, ofFile)
    const ofPlace = ofFile.get(at) ?? new Map<string, string[]>()
    ofFile.set(at, ofPlace)
    addTo(ofPlace, what, made)
  }
  for (const user of users.values()) {
    const { file, code, access } = user
    if (trampolines.has(code)) continue
    if (access.by === 'entry') {
      for (const start of access.offsets)
        edits.replace(file, { start, end: start + code.name.length }, entryName(sources, code))
      const found = stateOf(sources, { ...user, access: access.way }, names, lookups)
      add(file, access.at, ofEntries, entryFunction(sources, { file, code }, names, found, errorOf(code) ?? ''))
    }
    if (access.by !== 'method') continue
    const { def, flags } = access
    const { called } = def.written!
    edits.replace(file, def.flags.span, flagsFor(flags))
    edits.replace(file, called.span, `(PyCFunction)(void (*)(void))${nameFor(sources, code)}`)
    const { at, isBehind } = placeFor(sources, { file, code }, def)!
    const made = functionFor(sources, file, code, access, names, edits)
    if (isBehind) {
      const [lineEnd, isInline] = [lineEndOf(sources.text(file)), mayBeUnused(sources, file, code, def)]
      const lines = `\n${isInline ? made.replace('static', 'static inline') : made}`
      edits.insert(file, at, lines.replaceAll('\n', lineEnd))
      continue
    }
    add(file, at, ofMethods, made)
  }
  for (const [file, ofFile] of written) {
    const lineEnd = lineEndOf(sources.text(file))
    for (const [at, groups] of ofFile)
      for (const [what, functions] of groups)
        edits.insert(file, at, `/* ${what} */\n${functions.join('\n')}\n`.replaceAll('\n', lineEnd))
  }
}

/** Whether a method is there in builds whose table does not have it: nobody warns of a function that is inline. */
function mayBeUnused(sources: Sources, file: string, { span }: FunctionCode, def: MethodDef): boolean {
  const conditions = (offset: Offset): readonly string[] =>
    sources.regionsAround({ file, offset }).map(({ condition }) => JSON.stringify(condition))
  const known = new Set(conditions(span.start))
  return !conditions(def.span.start).every((each) => known.has(each))
}

/** A name that nothing has yet. */
const nameFor = (sources: Sources, { name }: FunctionCode): string =>
  [`${name}_method`, `${name}_in_class`].find((each) => !sources.declares(each)) ?? `${name}_method_of_class`

/** `METH_CLASS`, `METH_COEXIST` */
const kept = [
  [0x10, 'METH_CLASS'],
  [0x40, 'METH_COEXIST'],
] as const

const flagsFor = (flags: number): string =>
  [
    'METH_METHOD',
    'METH_FASTCALL',
    'METH_KEYWORDS',
    ...kept.flatMap(([bit, name]) => ((flags & bit) === 0 ? [] : [name])),
  ].join(' | ')

function functionFor(
  sources: Sources,
  file: string,
  code: FunctionCode,
  { def, flags }: MethodAccess,
  { struct, state }: Names,
  edits: EditList,
): string {
  const [self] = code.parameters
  const object = self!.type === 'PyObject*' ? 'self' : `(${self!.type.replace(/\*$/, ' *')})self`
  const shim = (name: string): string => {
    edits.useShim(file, name)
    return name
  }
  const isOfClass = (flags & kept[0][0]) !== 0
  const written = sources.written(file, def.written!.name.span)
  const name = `${isOfClass ? '(PyTypeObject *)self' : 'cls'}, ${written}`
  const head = `static PyObject *
${nameFor(sources, code)}(PyObject *self, PyTypeObject *cls, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    ${struct} *${state} = (${struct} *)PyType_GetModuleState(cls);
`
  const simple = (check: string, operands: string): string => `${head}    if (${state} == NULL${check})
        return NULL;
    return ${code.name}(${state}, ${object}${operands});
}
`
  const passed = passedWith(flags)!
  if (passed[1] === 'null')
    return simple(
      ` || ${shim('PepMethod_CheckNoArgs')}(${name}, args, nargs, kwnames) < 0`,
      code.parameters.length === 1 ? '' : ', NULL',
    )
  if (passed[1] === 'array')
    return passed.length === 4
      ? simple('', ', args, nargs, kwnames')
      : simple(` || ${shim('PepMethod_CheckNoKeywords')}(${name}, kwnames) < 0`, ', args, nargs')
  if ((flags & oneArgument) !== 0)
    return simple(` || ${shim('PepMethod_CheckOneArg')}(${name}, nargs, kwnames) < 0`, ', args[0]')
  const hasKeywords = passed.length === 3
  const packed = isOfClass && !hasKeywords ? `NULL, ${written}` : name
  const dict = hasKeywords ? '&dict' : 'NULL'
  return `${head}    PyObject *tuple, ${hasKeywords ? '*dict, ' : ''}*result;
    if (${state} == NULL || ${shim('PepMethod_PackArgs')}(${packed}, args, nargs, kwnames, &tuple, ${dict}) < 0)
        return NULL;
    result = ${code.name}(${state}, ${object}, tuple${hasKeywords ? ', dict' : ''});
    Py_DECREF(tuple);
${hasKeywords ? '    Py_XDECREF(dict);\n' : ''}    return result;
}
`
}

/** `METH_O` */
const oneArgument = 0x8
