import type { FunctionCode, Variable } from '../../code/tree.ts'
import { includeEdit } from '../../fix/includes.ts'
import { includeOf, isStateHeader } from '../../fix/shim-header.ts'
import { type FunctionRole, rolesOf } from '../../semantics/function-roles.ts'
import { type MethodDef, methodDefs } from '../../semantics/method-tables.ts'
import { addTo } from '../../source/multimap.ts'
import type { Offset } from '../../source/text.ts'
import type { EditList } from '../edit-list.ts'
import { lineEndOf, lineStart } from '../places.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import type { ModuleParts } from './module-parts.ts'
import type { Names } from './names.ts'
import type { Obstacles } from './obstacles.ts'
import type { StateUser } from './state-access.ts'

/**
 * How the functions of a module come by its state: they look for it themselves, or get it from functions that macros of
 * `pep_state.h` make, which `abi3lint new pep-state` writes.
 */
export type ModuleStyle = 'functions' | 'macros'

/** What becomes of a function that a macro gives the state. */
export interface Trampoline {
  /** The macro, and what it is called with behind the state and the function. */
  readonly macro: string
  readonly operands: readonly string[]
  /** The entry of a table of methods that the macro has the name and the flags of; null for others. */
  readonly entry: Entry | null
  /** The type that the function has for its first parameter, where that is no `PyObject *`. */
  readonly ownType: string | null
  /** Whether a second parameter goes away, which is always `NULL`. */
  readonly hasUnused: boolean
}

/** An entry of a table of methods: its braces, the end of its flags, and flags that the macro does not have. */
interface Entry {
  readonly open: Offset
  readonly flagsEnd: Offset
  readonly close: Offset
  readonly moreFlags: string
}

const object = 'PyObject*'
const size = 'Py_ssize_t'
/** `PyObject *const *`: types are without `const`. */
const array = 'PyObject**'

/** Signatures of slots that macros give the state, and that get it without fail: the result, and the parameters. */
const signatures: readonly (readonly [slots: string, result: string, parameters: readonly string[]])[] = [
  [
    'nb_negative nb_positive nb_absolute nb_invert nb_int nb_float nb_index tp_repr tp_str tp_iter tp_iternext ' +
      'am_await am_aiter am_anext',
    object,
    [object],
  ],
  ['nb_bool', 'int', [object]],
  ['sq_length mp_length', size, [object]],
  [
    'nb_add nb_subtract nb_multiply nb_matrix_multiply nb_true_divide nb_floor_divide nb_remainder nb_divmod ' +
      'nb_lshift nb_rshift nb_and nb_or nb_xor nb_inplace_add nb_inplace_subtract nb_inplace_multiply ' +
      'nb_inplace_matrix_multiply nb_inplace_true_divide nb_inplace_floor_divide nb_inplace_remainder ' +
      'nb_inplace_lshift nb_inplace_rshift nb_inplace_and nb_inplace_or nb_inplace_xor sq_concat sq_inplace_concat ' +
      'mp_subscript tp_getattro',
    object,
    [object, object],
  ],
  ['tp_call tp_descr_get', object, [object, object, object]],
  ['sq_item sq_repeat sq_inplace_repeat', object, [object, size]],
  ['sq_ass_item', 'int', [object, size, object]],
  ['sq_contains', 'int', [object, object]],
  ['mp_ass_subscript tp_setattro tp_descr_set tp_init', 'int', [object, object, object]],
  ['tp_hash', 'Py_hash_t', [object]],
  ['tp_richcompare', object, [object, object, 'int']],
  ['tp_new', object, ['PyTypeObject*', object, object]],
]
const bySlot = new Map(
  signatures.flatMap((signature) => signature[0].split(' ').map((slot) => [slot, signature] as const)),
)

/** By flags (Include/methodobject.h): the convention as macros name it, and the parameters. */
const conventions: ReadonlyMap<number, readonly [name: string, parameters: readonly string[]]> = new Map([
  [0x1, ['VARARGS', [object, object]]],
  [0x3, ['KEYWORDS', [object, object, object]]],
  [0x4, ['NOARGS', [object]]],
  [0x8, ['O', [object, object]]],
  [0x80, ['FASTCALL', [object, array, size]]],
  [0x82, ['FASTCALL_KEYWORDS', [object, array, size, object]]],
])

/** `METH_CLASS`, `METH_STATIC`, `METH_COEXIST` */
const binding = 0x70
const moreFlags = new Map([
  [0, ''],
  [0x10, 'METH_CLASS'],
  [0x40, 'METH_COEXIST'],
])

/** The functions that macros can give the state, and why others that CPython calls find it themselves. */
export interface Trampolines {
  readonly made: ReadonlyMap<FunctionCode, Trampoline>
  /** The functions by what keeps them from macros, the rest of a sentence. */
  readonly left: ReadonlyMap<string, readonly FunctionCode[]>
}

/** No function gets the state by macros. */
export const noTrampolines: Trampolines = { made: new Map(), left: new Map() }

/** The functions that macros can give the state; all others find it themselves. */
export function trampolinesOf({ sources, access, init }: ModuleParts): Trampolines {
  const made = new Map<FunctionCode, Trampoline>()
  const left = new Map<string, FunctionCode[]>()
  for (const user of access.users.values()) {
    const { code, file, needsState } = user
    const isCalledByPython = code !== init.maker && rolesOf(sources.model, sources.body({ file, code })).length > 0
    if (!needsState || !isCalledByPython) continue
    const trampoline = trampolineOf(sources, user)
    if (typeof trampoline === 'string') addTo(left, trampoline, code)
    else made.set(code, trampoline)
  }
  return { made, left }
}

/** What is to be said of functions that find the state themselves; one sentence for each reason. */
export const leftWithoutMacros = ({ left }: Trampolines): readonly string[] =>
  [...left].map(([why, codes]) => {
    const names = [...new Set(codes.map(({ name }) => `\`${name}\``))]
    return `no macro gives ${names.join(', ')} the state: ${why}`
  })

const unread = 'how the function is written is not what a macro can stand before'
const otherParameters = 'its result or its parameters are not those of what CPython calls it as'
const called = 'other functions call it'
const severalWays = 'it is called in several ways'
const unreadEntry = 'its entry in a table of methods is not written plainly, below it'

/** @returns what keeps it from a macro, where that is so */
function trampolineOf(sources: Sources, { file, code, access }: StateUser): Trampoline | string {
  const text = sources.text(file)
  const head = text.slice(code.headStart, code.span.start)
  if (code.kind !== 'function' || !code.hasParameters) return unread
  if (code.storage !== 'static') return 'it is not `static`'
  if (sources.code(file).functionsNamed(code.name).length > 1) return 'conditions choose one of several of its name'
  if (sources.declares(`${code.name}_impl`)) return `there is a \`${code.name}_impl\` already`
  const isPlain =
    text.slice(lineStart(text, code.headStart), code.headStart).trim() === '' &&
    !/[#/]|\bconst\b/.test(head.replace(/\bPyObject\s*\*\s*const\s*\*/, ''))
  if (!isPlain) return unread
  const roles = rolesOf(sources.model, sources.body({ file, code }))
  const hasArray = /\bconst\b/.test(head)
  if (hasArray !== code.parameters.some(({ type }) => type.replaceAll(' ', '') === array)) return otherParameters
  const isCalled = isNamedBeforeParenthesis(sources, code)
  const [role] = roles
  const isMethod = access.by !== 'operands' && roles.length === 1 && role?.kind === 'method'
  if (access.by === 'entry') return called
  const entries = methodDefs(sources.model).filter(({ functions }) => functions.some((each) => each.code === code))
  if (access.by === 'method')
    return isCalled ? called : ofMethod(sources, file, code, access.def, 'PepState_METHOD', false)
  if (access.by === 'defining class') return 'it gets the class that defines it already'
  if (access.by === 'type' || access.by === 'operands')
    return isMethod ? (entries.length > 1 ? severalWays : unreadEntry) : ofSlot(roles, code, isCalled)
  if (access.by !== 'module' || roles.some(({ kind }) => kind !== 'module function')) return severalWays
  const [def, ...others] = entries
  return def && others.length === 0 ? ofMethod(sources, file, code, def, 'PepState_FUNCTION', isCalled) : severalWays
}

/** Whether code calls a function by its name, or declares it. */
function isNamedBeforeParenthesis(sources: Sources, code: FunctionCode): boolean {
  return sources.references(code.name).some(
    ({ file, offset }) =>
      offset !== code.nameSpan.start &&
      /^\s*\(/.test(
        sources
          .text(file)
          .slice(offset + code.name.length)
          .slice(0, 80),
      ),
  )
}

function ofSlot(roles: readonly FunctionRole[], code: FunctionCode, isCalled: boolean): Trampoline | string {
  const [{ kind, name }] = roles as readonly [FunctionRole]
  if (roles.some((each) => each.kind !== kind)) return severalWays
  if (kind === 'getter' || kind === 'setter') {
    const isGetter = kind === 'getter'
    const expected = isGetter ? [object, 'void*'] : [object, object, 'void*']
    return fitted(code, isGetter ? object : 'int', expected, isCalled, {
      macro: isGetter ? 'PepState_GETTER' : 'PepState_SETTER',
      operands: [],
      entry: null,
    })
  }
  const signature = bySlot.get(name)
  if (kind !== 'slot' || roles.some((each) => bySlot.get(each.name) !== signature)) return severalWays
  if (signature === undefined) return `there is none for \`${name}\` that gets a state without fail`
  const [, result, parameters] = signature
  return fitted(code, result, parameters, isCalled, { macro: 'PepState_SLOT', operands: [name], entry: null })
}

function ofMethod(
  sources: Sources,
  file: string,
  code: FunctionCode,
  def: MethodDef,
  macro: string,
  isCalled: boolean,
): Trampoline | string {
  const more = moreFlags.get((def.flagBits ?? 0) & binding)
  const convention = conventions.get((def.flagBits ?? 0) & ~binding)
  if (def.written === null || def.written.name.kind !== 'literal' || more === undefined || !convention)
    return unreadEntry
  if (sources.model.files[def.file]!.file !== file || def.span.start < code.span.end) return unreadEntry
  const entry = entryOf(sources.text(file), def, more)
  const [name, parameters] = convention
  const operands = [sources.written(file, def.written.name.span), name]
  return entry === null ? unreadEntry : fitted(code, object, parameters, isCalled, { macro, operands, entry })
}

/** The place of an entry in its table; null where it is not written plainly. */
function entryOf(text: string, { written, flags }: MethodDef, more: string): Entry | null {
  const { name } = written!
  const open = text.lastIndexOf('{', name.span.start)
  const head = text.slice(open + 1, name.span.start)
  const flagsEnd = flags.span.end
  const close = closeOf(text, flagsEnd)
  const rest = close === null ? null : text.slice(flagsEnd, close).trim()
  if (open < 0 || head.trim() !== '' || flagsEnd < name.span.end || close === null || rest === null) return null
  if (rest !== '' && (!rest.startsWith(',') || rest.endsWith(','))) return null
  if (/[/#]/.test(text.slice(name.span.end, flagsEnd))) return null
  return { open, flagsEnd, close, moreFlags: more }
}

/** The brace that ends an entry, behind its flags; null where more than a text or a name stands before it. */
function closeOf(text: string, from: Offset): Offset | null {
  const end = Math.min(text.length, from + longestEntry)
  for (let at = from, isString = false; at < end; at++) {
    const character = text[at]!
    if (character === '"') isString = !isString
    else if (isString) at += character === '\\' ? 1 : 0
    else if (character === '}') return at
    else if ('{/#'.includes(character)) return null
  }
  return null
}

const longestEntry = 20_000

/** A trampoline for a function whose result and parameters are those of its role, but for the type of an own object. */
function fitted(
  { name, parameters, result, body, span }: FunctionCode,
  expectedResult: string,
  expected: readonly string[],
  isCalled: boolean,
  made: Pick<Trampoline, 'macro' | 'operands' | 'entry'>,
): Trampoline | string {
  const types = parameters.map(({ type }) => type.replaceAll(' ', ''))
  const isNoArgs = made.operands[1] === 'NOARGS'
  const hasUnused = isNoArgs && types.length === 2 && types[1] === object
  const fits = (type: string, index: number): boolean => types[index] === type
  if (result.replaceAll(' ', '') !== expectedResult || body.length === 0 || span.end === span.start || name === '')
    return otherParameters
  if (
    types.length !== expected.length + (hasUnused ? 1 : 0) ||
    !expected.slice(1).every((type, i) => fits(type, i + 1))
  )
    return otherParameters
  const ownType = fits(expected[0]!, 0) ? null : types[0]!
  if (ownType !== null && isCalled) return `${called}, and its object is no \`PyObject *\``
  if (ownType !== null && (!/^[A-Za-z_]\w*\*$/.test(ownType) || parameters[0]!.name === '')) return otherParameters
  return { ...made, ownType: ownType === null ? null : ownType.slice(0, -1), hasUnused }
}

/** Writes the macros, and what the functions get. */
export function emitTrampolines(
  { sources, access: { users } }: ModuleParts,
  trampolines: ReadonlyMap<FunctionCode, Trampoline>,
  { struct, state }: Names,
  edits: EditList,
): void {
  for (const [code, { macro, operands, entry, ownType, hasUnused }] of trampolines) {
    const { file } = users.get(code)!
    const text = sources.text(file)
    const lineEnd = lineEndOf(text)
    const line = `${macro}(${[struct, code.name, ...operands].join(', ')})${lineEnd}`
    edits.insert(file, lineStart(text, code.headStart), line)
    edits.insert(file, code.nameSpan.end, '_impl')
    const open = text.indexOf('(', code.nameSpan.end)
    const close = text.lastIndexOf(')', code.span.start)
    const first = text.slice(open + 1, close).split(',')[0]!
    const used = new Set(
      sources
        .code(file)
        .namesIn(code.span)
        .map(({ name }) => name),
    )
    const [{ name }, unused] = code.parameters as readonly [Variable, Variable?]
    const isOwn = ownType !== null && used.has(name)
    const object = `PyObject *${name}${isOwn ? '_object' : ''}`
    const head = `${struct} *${state}, ${ownType === null ? first.trim() : object}`
    edits.replace(file, { start: open + 1, end: hasUnused ? close : open + 1 + first.length }, head)
    const declarations = [
      ...(isOwn ? [`${ownType} *${name} = (${ownType} *)${name}_object;`] : []),
      ...(hasUnused && unused && used.has(unused.name) ? [`PyObject *${unused.name} = NULL;`] : []),
    ]
    const isOneLine = !text.slice(code.span.start, code.span.end).includes('\n')
    const written = declarations.map((each) => (isOneLine ? ` ${each}` : `${lineEnd}    ${each}`)).join('')
    if (written !== '') edits.insert(file, code.span.start + 1, written)
    if (entry === null) continue
    const { open: brace, flagsEnd, close: end, moreFlags: more } = entry
    const made = more === '' ? `PepState_ENTRY(${code.name}` : `PepState_ENTRY_AS(${code.name}, ${more}`
    edits.replace(file, { start: brace, end: flagsEnd }, made)
    edits.replace(file, { start: end, end: end + 1 }, text.slice(flagsEnd, end).trim() === '' ? ', NULL)' : ')')
  }
}

/** What keeps a module from the macros. */
export function refuseMacros({ sources, init }: ModuleParts, obstacles: Obstacles): void {
  const { model, settings } = sources
  const { file, entry } = init
  const refuse = (text: string): void => obstacles.add(file, entry.nameSpan.start, text)
  if (settings.level < firstMacros) refuse('`pep_state.h` finds the state of a rewritten module from level 3.10 on')
  if (!model.files.some((each) => isStateHeader(each.file)))
    refuse('there is no `pep_state.h`, which `abi3lint new pep-state` writes')
}

/** The first level at which the macros find the state of a module that is made in several phases. */
const firstMacros = 10

/** Includes the header with the macros where that of shims would stand, but before the state is declared. */
export function includeStateHeader(
  sources: Sources,
  { file, offset }: PlaceIn,
  isShared: boolean,
  edits: EditList,
): void {
  const header = sources.model.files.find((each) => isStateHeader(each.file))!.file
  edits.include(header)
  const text = sources.text(file)
  const edit = includeEdit(text, [includeOf(file, header, '/')])
  if (edit === null) return
  const lineEnd = lineEndOf(text)
  const several = isShared ? `#define PEP_STATE_SEVERAL_FILES${lineEnd}` : ''
  const isBelow = edit.start > offset
  const written = edit.text.replace('#include', `${several}#include`).trimStart()
  if (isBelow) edits.insert(file, offset, `${written}${lineEnd}`)
  else edits.insert(file, edit.start, `${edit.text.startsWith('#') ? '' : lineEnd}${written}`)
}
