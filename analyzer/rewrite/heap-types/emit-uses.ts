import { aloneStatement, callStarting, operandsAround, parentsIn } from '../../code/placement.ts'
import { calleeName } from '../../code/values.ts'
import { takesObject } from '../../facts/lexicon.ts'
import { wholeLines } from '../../fix/edits.ts'
import type { Span } from '../../source/text.ts'
import type { EditList } from '../edit-list.ts'
import type { Sources } from '../sources.ts'
import type { Conversion } from './conversion.ts'
import type { InitPlace } from './init-functions.ts'
import { typeNameAt } from './qualified-names.ts'
import type { TypeCreations } from './type-creations.ts'
import type { TypeFacts } from './type-facts.ts'
import type { TypeObject } from './type-objects.ts'
import type { AddressUse, SequenceCall, TypeCreationCall } from './uses.ts'

/** Writes everything that changes for a type but its declarations, its definitions and tables that hold it. */
export function emitUses(facts: TypeFacts, conversion: Conversion, creations: TypeCreations, edits: EditList): void {
  const { uses } = conversion
  emitPlainUses(facts.sources, conversion, edits)
  emitMacroCreations(conversion, creations, edits)
  for (const each of uses.creationCalls) emitCreationCall(facts.sources, conversion, each, creations, edits)
  for (const { file, span } of uses.onDemandUses)
    edits.replace(file, span, creations.make(conversion, file, span.start))
  if (conversion.creation !== null) emitCreation(conversion, conversion.creation, creations, edits)
  emitReferences(facts, conversion, edits)
}

/** Uses that change by themselves. */
function emitPlainUses(sources: Sources, { uses, nameReads, type }: Conversion, edits: EditList): void {
  // Its name is a macro for what the pointer points to then.
  const isMacro = type.pointerName !== null
  for (const each of isMacro ? [] : uses.addresses) edits.replace(each.file, each.span, pointer(sources, type, each))
  // `(&T)->x` reads as before; `&T.x` is the address of the field.
  for (const { file, offset } of isMacro ? [] : uses.dots) edits.replace(file, { start: offset, end: offset + 1 }, '->')
  for (const { file, span, text } of uses.readyTests) edits.replace(file, span, text)
  for (const { file, span } of uses.removals)
    edits.replace(file, wholeLines(sources.text(file), span.start, span.end), '')
  for (const each of uses.sequenceCalls)
    edits.replace(
      each.file,
      each.span,
      sequenceCall(sources, typeNameAt(sources, type, each.file, each.span.start), each),
    )
  for (const { file, span, of } of nameReads) {
    edits.useShim(file, 'PepType_GetNameStr')
    edits.replace(file, span, `PepType_GetNameStr(${of})`)
  }
}

/** The body of a macro makes the type that it gets. */
function emitMacroCreations(conversion: Conversion, creations: TypeCreations, edits: EditList): void {
  const { uses, spec, type } = conversion
  for (const { file, callee, close, name } of uses.macroCreations) {
    edits.useShim(file, 'PepType_Ready')
    edits.replace(file, callee, 'PepType_Ready')
    const suffix = spec.slice(type.name.length)
    edits.replace(file, { start: close, end: close }, `, &${name}##${suffix}, NULL`)
    creations.noteSpecUse(conversion, file, callee.start)
  }
}

/** `&T` becomes `T`, and so does a parameter that always is that. */
function pointer(sources: Sources, type: TypeObject, { file, span, name }: AddressUse): string {
  const text = sources.text(file)
  // A pointer to it is a pointer already.
  if (type.pointer !== null || text[span.start] !== '&') return typeNameAt(sources, type, file, span.start)
  const written = text.slice(span.start + 1, span.end).trimStart()
  const inner = /^\(\s*[\w:]+\s*\)$/.test(written) ? written.slice(1, -1).trim() : written
  const cast = isObjectOperand(sources, file, span) ? '(PyObject *)' : ''
  return `${/\w/.test(text[span.start - 1] ?? '') ? ' ' : ''}${cast}${inner === '' ? name : inner}`
}

/** The level from which `Py_INCREF` and its like take a `PyObject *` and do not cast what they get. */
const firstWithoutCast = 11

/** Whether `&T` is what `Py_INCREF` or its like gets, which takes no pointer to a type at the level. */
function isObjectOperand(sources: Sources, file: string, { start, end }: Span): boolean {
  if (sources.settings.level < firstWithoutCast) return false
  const code = sources.code(file).codeAt(start)
  return (
    code !== null &&
    operandsAround(code, start).some(({ call, index }) => {
      const { kind, span } = call.operands[index]!
      const isIt = kind === 'unary' && span.start === start && span.end === end
      return isIt && index === 0 && takesObject.has(calleeName(call) ?? '')
    })
  )
}

function sequenceCall(sources: Sources, name: string, { file, span, callee, description }: SequenceCall): string {
  const made = `${name} = ${name} != NULL ? ${name} : PyStructSequence_NewType(${description})`
  if (callee.endsWith('2')) return `((${made}) == NULL ? -1 : 0)`
  const code = sources.code(file).codeAt(span.start)
  const call = code && callStarting(code, span.start)
  const isStatement = code?.kind === 'function' && call && parentsIn(code).get(call)?.kind === 'expression'
  return isStatement ? made : `(void)(${made})`
}

function emitCreationCall(
  sources: Sources,
  conversion: Conversion,
  creation: TypeCreationCall,
  creations: TypeCreations,
  edits: EditList,
): void {
  const { file, how, operand, address, guarded } = creation
  const { span, callee, open, close } = operand.call
  const made = creations.madeBefore(creation)
  const insert = (offset: number, text: string): void => edits.replace(file, { start: offset, end: offset }, text)
  if (how === 'ready') {
    edits.useShim(file, 'PepType_Ready')
    edits.replace(file, callee.span, 'PepType_Ready')
    const operands = withoutBlanks(sources.text(file), { start: open + 1, end: close })
    const { pointer: known, pointerName } = conversion.type
    const own = sources.written(file, address)
    const written = known === null && pointerName === null && own.startsWith('&') ? own : undefined
    edits.replace(file, operands, creations.operands(conversion, file, span.start, made, written))
  } else if (how === 'add') {
    insert(span.start, `(${creations.ready(conversion, file, span.start, made)} < 0 ? -1 : `)
    const { type } = conversion
    if (type.pointerName === null)
      edits.replace(file, address, pointer(sources, type, { file, span: address, name: type.name }))
    insert(close + 1, ')')
  } else {
    edits.replace(file, address, creations.make(conversion, file, span.start, made))
    for (const { file: where, span: call, argument } of guarded) {
      edits.replace(where, { start: call.start, end: call.start }, `(${argument} == NULL ? -1 : `)
      edits.replace(where, { start: call.end, end: call.end }, ')')
    }
  }
}

/** What stands at a span without the blanks around it, which stay. */
function withoutBlanks(text: string, { start, end }: Span): Span {
  const inside = text.slice(start, end)
  return {
    start: start + inside.length - inside.trimStart().length,
    end: end - inside.length + inside.trimEnd().length,
  }
}

/** The type is made in the function that makes its module. */
function emitCreation(
  conversion: Conversion,
  { file, before, error }: InitPlace,
  creations: TypeCreations,
  edits: EditList,
): void {
  const test = `${creations.ready(conversion, file, before.span.start)} < 0`
  edits.insertBefore(file, before, failing(test, error))
}

/** Lines that return where a test holds. @param error what is returned; empty for nothing */
export const failing = (test: string, error: string): string[] => [
  `if (${test})`,
  `    return${error === '' ? '' : ` ${error}`};`,
]

/** `PyModule_AddObject` takes a reference; of a static type nobody had to have one. */
function emitReferences(facts: TypeFacts, { uses, type }: Conversion, edits: EditList): void {
  const left = [...uses.increfSites]
  for (const { file, operand, around } of uses.stolenReferences) {
    const index = left.indexOf(around)
    if (index >= 0) {
      left.splice(index, 1)
      continue
    }
    const { call } = operand
    const { start, end } = call.span
    const alone = aloneStatement(around, call)
    const incref = `Py_INCREF((PyObject *)${typeNameAt(facts.sources, type, file, start)})`
    if (alone?.inBlock && alone.statement.span.start === start)
      edits.insertBefore(file, alone.statement, [`${incref};`])
    else {
      edits.replace(file, { start, end: start }, `(${incref}, `)
      edits.replace(file, { start: end, end }, ')')
    }
  }
}
