import { callsIn } from '../code/placement.ts'
import { valuesInCode } from '../code/statements.ts'
import type { FunctionCode, Variable } from '../code/tree.ts'
import { bare, calleeName, eachValue, nameOf, pointedName } from '../code/values.ts'
import { variablesIn } from '../code/variables.ts'
import type { Verdict } from '../preprocess/condition.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Span } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { type Body, functionsOf } from './functions.ts'
import { Names } from './scope-names.ts'

/** A definition of a module, or a table of its, in a variable of a function that does not outlive it. */
export interface LocalDefinition {
  readonly file: FileId
  readonly variable: string
  /** `PyMethodDef` */
  readonly type: string
  /** The function. */
  readonly around: string
  /** Of its name. */
  readonly span: Span
  readonly compiled: Verdict
}

const types = ['PyModuleDef', 'PyMethodDef', 'PyModuleDef_Slot'] as const

const typeOf = ({ type }: Variable): string => type.replace(/^(?:const |struct )+|(?:\[\])+$/g, '')

function isLocal(variable: Variable): boolean {
  const type = typeOf(variable)
  return variable.storage === '' && types.some((each) => each === type)
}

/** Those of a project whose address Python gets. */
export function* localDefinitions(model: ProjectModel): Iterable<LocalDefinition> {
  for (const file of model.files.keys()) {
    const code = model.project.code(file)
    if (!/\bPy(?:ModuleDef|MethodDef)\b/.test(code.text)) continue
    const functions = new Set<FunctionCode>()
    for (const name of types)
      for (const { span } of code.occurrences(name)) {
        const found = code.functionAt(span.start)
        // What `main` has on its stack lives as long as Python.
        if (found && !/^w?main$/.test(found.name)) functions.add(found)
      }
    for (const around of functions) {
      for (const variable of variablesIn(around)) {
        if (!isLocal(variable) || !isGivenAway(model, { file, code: around }, variable.name)) continue
        const { name, nameSpan: span } = variable
        const compiled = compiledAt(model, file, span.start)
        if (compiled !== 'no')
          yield { file, variable: name, type: typeOf(variable), around: around.name, span, compiled }
      }
    }
  }
}

/** Functions that keep what they get, or give it to a module. */
const keepers = new RegExp(
  '^(?:PyModule_(?:Create2?|FromDefAndSpec2?|AddFunctions)|PyModuleDef_Init|PyState_AddModule|' +
    'PyCFunction_New(?:Ex)?|PyCMethod_New|PyDescr_New(?:Class)?Method)$',
)

/** Whether Python gets the address of a variable: directly, by another definition, or by a function of the project. */
function isGivenAway(model: ProjectModel, { file, code }: Body, name: string, depth = 0): boolean {
  const functions = functionsOf(model)
  const names = new Names(functions)
  const scope = names.ofFunction({ file, code })
  for (const call of callsIn(code)) {
    const at = call.operands.findIndex(
      (each) => pointedName(each) === name || names.addressedName(each, scope) === name,
    )
    const called = calleeName(call)
    if (at < 0 || called === null) continue
    if (keepers.test(called)) return true
    const bodies = depth > deepest ? [] : functions.named(file, called)
    const parameters = bodies.map((body) => body.code.parameters[at]?.name ?? '')
    if (bodies.some((body, index) => parameters[index] && isGivenAway(model, body, parameters[index]!, depth + 1)))
      return true
  }
  for (const value of valuesInCode(code.body)) {
    const target = value.kind === 'assign' ? bare(value.target) : null
    if (value.kind !== 'assign' || target?.kind !== 'member') continue
    if (/^m_(?:methods|slots)$/.test(target.name) && pointedName(value.value) === name) return true
  }
  // In the initialiser of another definition, which is local as well or could not name it.
  return [...variablesIn(code)].some(
    ({ type, initialiser }) =>
      /PyModuleDef$/.test(type) &&
      initialiser !== null &&
      [...eachValue(initialiser)].some((each) => nameOf(each) === name),
  )
}

/** Functions of the project within each other that are followed. */
const deepest = 3
