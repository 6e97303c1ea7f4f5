import type { BracesValue, DeclaredVariable, FunctionCode } from '../../code/tree.ts'
import { addressed, calleeName, fieldValues, isNull } from '../../code/values.ts'
import { initFunctions } from '../../project/init-functions.ts'
import { fields } from '../../semantics/module-defs.ts'
import type { Span } from '../../source/text.ts'
import type { EditList } from '../edit-list.ts'
import { lineEndOf, lineStart } from '../places.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import { abi3tMacro, knowsAbi3t } from './instance-structs.ts'
import type { Obstacles } from './obstacles.ts'

/** The slots that say what fields of a `PyModuleDef` say, and how they are written in C. */
const slots: Readonly<Record<string, readonly [slot: string, macro: string]>> = {
  m_name: ['Py_mod_name', 'PySlot_STATIC_DATA'],
  m_doc: ['Py_mod_doc', 'PySlot_STATIC_DATA'],
  m_size: ['Py_mod_state_size', 'PySlot_SIZE'],
  m_methods: ['Py_mod_methods', 'PySlot_STATIC_DATA'],
  m_slots: ['Py_mod_slots', 'PySlot_STATIC_DATA'],
  m_traverse: ['Py_mod_state_traverse', 'PySlot_FUNC'],
  m_clear: ['Py_mod_state_clear', 'PySlot_FUNC'],
  m_free: ['Py_mod_state_free', 'PySlot_FUNC'],
}

/** A module that is made in several phases. */
interface PhasedModule {
  readonly file: string
  readonly name: string
  /** Its `PyInit_` function. */
  readonly init: FunctionCode
  readonly def: DeclaredVariable & { readonly initialiser: BracesValue }
  /** The entries of its array of slots, in C. */
  readonly entries: readonly string[]
}

/**
 * Gives modules that are made in several phases an export hook (PEP 793) beside their `PyInit_` function, for abi3t, or
 * in its place, for every build.
 * @param exportHooksOnly in its place
 * @returns the places of their `PyInit_` functions
 */
export function emitExports(
  sources: Sources,
  exportHooksOnly: boolean,
  edits: EditList,
  obstacles: Obstacles,
): readonly PlaceIn[] {
  const exported: PlaceIn[] = []
  for (const { module, kind, file: id, bodies } of initFunctions(sources.model.project)) {
    const { file } = sources.model.files[id]!
    if (kind !== 'PyInit' || !sources.texts.has(file)) continue
    const compiled = bodies.filter(({ span }) =>
      sources.settings.isCompiled(file, sources.code(file).regionAt(span.start)),
    )
    const [init] = compiled
    if (!init || knowsAbi3t(sources, file, init.span.start)) continue
    const found = compiled.length > 1 ? 'conditions choose how it is made' : phased(sources, file, module, init)
    const offset = init.nameSpan.start
    if (typeof found === 'string') {
      obstacles.add(file, offset, found)
      continue
    }
    const lost = exportHooksOnly ? whatIsLost(sources, found) : null
    if (lost !== null) obstacles.add(file, offset, lost)
    else {
      emitDefinition(sources, found, exportHooksOnly, edits)
      emitHook(sources, found, exportHooksOnly, edits)
      exported.push({ file, offset })
    }
  }
  return exported
}

/** A module with its definition; else why it gets no hook. */
function phased(sources: Sources, file: string, name: string, init: FunctionCode): PhasedModule | string {
  const [only] = init.body
  const returned = only?.kind === 'return' && init.body.length === 1 ? only.value : null
  const isPhased = returned?.kind === 'call' && calleeName(returned) === 'PyModuleDef_Init'
  const variable = isPhased ? addressed(returned.operands[0]!) : null
  if (variable === null) return 'the module has to be made in several phases first, by `abi3lint rewrite module`'
  const locked = sources.settings.locked(file)
  if (locked !== null) return `${file} ${locked}`
  const all = sources.code(file).variables.filter((each) => each.name === variable)
  const [def] = all
  if (all.length > 1) return 'its `PyModuleDef` is declared before it is defined'
  if (def?.initialiser?.kind !== 'braces' || !def.initialiser.entries || def.declaration.variables.length > 1)
    return 'how its `PyModuleDef` is written is not understood'
  if (def.storage !== 'static' && sources.references(variable).some((each) => each.file !== file))
    return 'other files name its `PyModuleDef`'
  const values = fieldValues(fields, def.initialiser.entries)
  if ([...values.values()].some((each) => each.length > 1)) return 'conditions stand in its `PyModuleDef`'
  if (!values.has('m_slots')) return 'its `PyModuleDef` has no slots'
  const isCxx = sources.settings.isCxx(file)
  const entries = Object.entries(slots).flatMap(([field, [slot, macro]]) => {
    const value = values.get(field)?.[0]
    return !value || isNull(value) ? [] : [entryOf(slot, macro, sources.written(file, value.span), isCxx)]
  })
  return { file, name, init, def: { ...def, initialiser: def.initialiser }, entries }
}

/** Why a definition and a `PyInit_` function are not deleted; null where they are. */
function whatIsLost(sources: Sources, { file, init, def }: PhasedModule): string | null {
  const text = sources.text(file)
  const spans = [def.declaration.span, { start: init.headStart, end: init.span.end }]
  const lost = spans.map(({ start, end }) => text.slice(start, end)).join('\n')
  return /\/[*/]|^[ \t]*#/m.test(lost)
    ? 'comments or directives stand in its definition or in its `PyInit_` function'
    : null
}

/** An entry of an array of `PySlot`. C++ before 20 has no designators: there all are pointers. */
function entryOf(slot: string, macro: string, value: string, isCxx: boolean): string {
  if (isCxx) return `PySlot_PTR_STATIC(${slot}, ${value})`
  return `${macro}(${slot}, ${macro === 'PySlot_STATIC_DATA' ? `(void *)${value}` : value})`
}

/** `spam` of `_spam`, for names. */
const plainName = ({ name }: PhasedModule): string => name.replace(/^_+/, '')

/** Puts an array of slots beside a definition, or in its place. */
function emitDefinition(sources: Sources, module: PhasedModule, exportHooksOnly: boolean, edits: EditList): void {
  const { file, def, entries } = module
  const text = sources.text(file)
  const end = lineEndOf(text)
  const isCxx = sources.settings.isCxx(file)
  const array = `${plainName(module)}_export_slots`
  const info = `${plainName(module)}_abi_info`
  const lines = [
    `PyABIInfo_VAR(${info});`,
    '',
    `static PySlot ${array}[] = {`,
    ...[entryOf('Py_mod_abi', 'PySlot_STATIC_DATA', `&${info}`, isCxx), ...entries].map((each) => `    ${each},`),
    '    PySlot_END',
    '};',
  ]
  const macro = [
    '',
    '/* What looks for the module by its definition finds it by its slots. */',
    `#define ${def.name} (*(PyModuleDef *)${array})`,
  ]
  const { span } = def.declaration
  if (exportHooksOnly) {
    const others = sources.references(def.name).filter((each) => {
      const isIn = (of: Span): boolean => each.file === file && each.offset >= of.start && each.offset < of.end
      return !isIn(span) && !isIn(module.init.span)
    })
    edits.replace(file, span, [...lines, ...(others.length > 0 ? macro : [])].join(end))
    return
  }
  const both = [`#ifdef ${abi3tMacro}`, ...lines, ...macro, '#else', '']
  edits.insert(file, lineStart(text, span.start), both.join(end))
  putBehind(text, file, span.end, edits)
}

/** Puts an export hook beside a `PyInit_` function, or in its place. */
function emitHook(sources: Sources, module: PhasedModule, exportHooksOnly: boolean, edits: EditList): void {
  const { file, name, init } = module
  const text = sources.text(file)
  const lines = [
    `PyMODEXPORT_FUNC PyModExport_${name}(void);`,
    '',
    'PyMODEXPORT_FUNC',
    `PyModExport_${name}(void)`,
    '{',
    `    return ${plainName(module)}_export_slots;`,
    '}',
  ]
  if (exportHooksOnly) {
    edits.replace(file, { start: init.headStart, end: init.span.end }, lines.join(lineEndOf(text)))
    return
  }
  const both = [`#ifdef ${abi3tMacro}`, ...lines, '#else', '']
  edits.insert(file, lineStart(text, init.headStart), both.join(lineEndOf(text)))
  putBehind(text, file, init.span.end, edits)
}

/** Ends a condition behind the line of an offset. */
function putBehind(text: string, file: string, offset: number, edits: EditList): void {
  const at = text.indexOf('\n', offset)
  const end = lineEndOf(text)
  edits.insert(file, at < 0 ? text.length : at + 1, `${at < 0 ? end : ''}#endif${end}`)
}
