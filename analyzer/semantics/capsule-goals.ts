import { assignedTo, branchesAround, callsIn, inCasts, statementOf } from '../code/placement.ts'
import { eachStatement, valuesInCode } from '../code/statements.ts'
import type { AssignValue, FunctionCode, Value } from '../code/tree.ts'
import { bare, calleeName, nameOf, plainText } from '../code/values.ts'
import { isParameter, variablesNamed, variablesOf } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import { addAll } from '../source/lists.ts'
import { type Call, callsEverywhere } from './callers.ts'
import { functionsOf } from './functions.ts'
import { Texts } from './texts.ts'

/** Where a new object goes. */
export interface Goal {
  /**
   * `attribute`: it becomes one of a module. `entry`: one of a dict or of another object. `returned`: Python gets it.
   * `stored`: a variable or a field holds it, or another object. `passed`: a function gets it that is not followed.
   */
  readonly kind: 'attribute' | 'entry' | 'returned' | 'stored' | 'passed'
  /** The attribute or the key, each name that it may be; empty where that is not known. */
  readonly names: readonly string[]
  /** The call that puts it there; null for none. */
  readonly call: Call | null
}

/** Functions within functions that are followed. */
const deepest = 3

/** What puts an object into a module or a dict: the operands of the name and of the object. */
const putters: ReadonlyMap<string, readonly [name: number, object: number]> = new Map([
  ['PyModule_AddObject', [1, 2]],
  ['PyModule_AddObjectRef', [1, 2]],
  ['PyModule_Add', [1, 2]],
  ['PyObject_SetAttrString', [1, 2]],
  ['PyDict_SetItemString', [1, 2]],
  ['PyMapping_SetItemString', [1, 2]],
])

/** What keeps an object in another one. */
const keepers =
  /^Py(?:List_Append|(?:List|Tuple)_SetItem|(?:List|Tuple)_SET_ITEM|Dict_SetItem|Object_SetAttr|Tuple_Pack)$/

/** Tells where new objects go: by variables, and what functions and macros of the project do with what they get. */
export class Goals {
  private readonly texts: Texts

  constructor(private readonly model: ProjectModel) {
    this.texts = new Texts(model)
  }

  /** Where the object goes that a call gives, in the order of the text. */
  of({ file, around, call }: Call): readonly Goal[] {
    return distinct(this.ofValue({ file, around }, call, 0))
  }

  private ofValue({ file, around }: Omit<Call, 'call'>, value: Value, depth: number): Goal[] {
    const { whole, parent } = inCasts(around, value)
    const within = { file, around }
    // `o = PyCapsule_New(...)` in a condition, too.
    const target = assignedTo(around, value)
    if (target !== null) {
      const name = target.kind === 'variable' ? target.name : nameOf(target)
      const isLocal = name !== null && (variablesNamed(around, name).length > 0 || isParameter(around, name))
      if (!isLocal) return [goal('stored')]
      return this.ofVariable(within, name, value.span.start, depth)
    }
    // `return n < 0 ? NULL : PyCapsule_New(...)`
    if (parent?.kind === 'conditional' && parent.condition !== whole) return this.ofValue(within, parent, depth)
    if (parent?.kind === 'return') return this.returned(within, depth)
    if (around.kind === 'macro' && parent?.kind === 'expression') return this.returned(within, depth)
    if (parent?.kind === 'call') return this.passed({ file, around, call: parent }, whole, depth)
    return []
  }

  private ofVariable(within: Omit<Call, 'call'>, name: string, from: number, depth: number): Goal[] {
    const { around } = within
    const found: Goal[] = []
    const until = nextValue(around, name, from)
    const isIt = (value: Value): boolean => nameOf(value) === name && value.span.start < until
    for (const call of callsIn(around)) {
      if (call.span.end <= from) continue
      for (const operand of call.operands)
        if (isIt(operand)) addAll(found, this.passed({ ...within, call }, operand, depth))
    }
    for (const each of eachStatement(around.body))
      if (each.kind === 'return' && each.value && each.span.start > from && given(each.value).some(isIt))
        addAll(found, this.returned(within, depth))
    for (const each of valuesInCode(around.body))
      if (each.kind === 'assign' && each.span.start > from && isIt(each.value)) {
        const target = nameOf(each.target)
        if (target === null || variablesNamed(around, target).length === 0) found.push(goal('stored'))
      }
    return found
  }

  /** A function of the project gives it to who calls that. */
  private returned({ around }: Omit<Call, 'call'>, depth: number): Goal[] {
    if (around.kind === 'lambda' || around.kind === 'file') return [goal('returned')]
    const calls = depth < deepest ? [...callsEverywhere(this.model, around.name)] : []
    const found = calls.flatMap((call) => this.ofValue(call, call.call, depth + 1))
    if (around.kind === 'macro') return found
    return calls.length > 0 && around.storage === 'static' ? found : [goal('returned'), ...found]
  }

  private passed(call: Call, operand: Value, depth: number): Goal[] {
    const name = calleeName(call.call) ?? ''
    const put = putters.get(name)
    const at = call.call.operands.indexOf(operand)
    if (put) {
      if (at !== put[1]) return []
      const key = call.call.operands[put[0]]
      const local = key ? variablesNamed(call.around, nameOf(key)) : []
      // An array may hold more than what it begins with.
      const isWritten = local.some(({ type, storage }) => type.endsWith('[]') && storage === '')
      const names = isWritten ? [] : [...new Set(this.texts.ofOperand(call, put[0]).map(({ text }) => text))]
      return [{ kind: this.isModule(call, name) ? 'attribute' : 'entry', names, call }]
    }
    if (keepers.test(name)) return [goal('stored')]
    if (/^_?Py/.test(name) && functionsOf(this.model).isOfApi(call.file, name))
      return harmless.test(name) ? [] : [goal('passed')]
    const functions = functionsOf(this.model)
    const bodies = [...functions.macrosNamed(call.file, name), ...functions.named(call.file, name)]
    if (bodies.length === 0 || depth >= deepest) return [goal('passed')]
    return bodies.flatMap(({ file, code }) => {
      const parameter = code.parameters[at]?.name
      return parameter ? this.ofVariable({ file, around: code }, parameter, 0, depth + 1) : [goal('passed')]
    })
  }

  /** Whether what gets an attribute or an entry is a module, or its dict. */
  private isModule({ around, call }: Call, name: string): boolean {
    if (name.startsWith('PyModule_')) return true
    const [holder] = call.operands
    return holder !== undefined && isModuleOrDict(around, holder)
  }
}

/** Where a variable that gets a value at an offset certainly gets another one. */
function nextValue(code: FunctionCode, name: string, from: number): number {
  const around = (offset: Value): readonly unknown[] => {
    const statement = statementOf(code, offset)
    return statement === null ? [] : branchesAround(code, statement)
  }
  const assigned = valuesInCode(code.body).filter(
    (each): each is AssignValue => each.kind === 'assign' && each.operator === '=' && nameOf(each.target) === name,
  )
  const own = assigned.find(({ span }) => span.start <= from && from < span.end)
  const branches = own ? around(own) : []
  const next = assigned.find((each) => each.span.start > from && around(each).every((one) => branches.includes(one)))
  return next?.span.end ?? Number.POSITIVE_INFINITY
}

const harmless = /^Py_(?:X?(?:INCREF|DECREF|NewRef)|(?:Inc|Dec)Ref|CLEAR|SETREF)$|^Py(?:Capsule|Err)_|_Check(?:Exact)?$/

function isModuleOrDict(code: FunctionCode, value: Value): boolean {
  const inner = bare(value)
  const name = nameOf(inner)
  const all = name === null ? [inner] : (variablesOf(code).get(name) ?? [])
  if (all.some((each) => isModuleCall(bare(each)))) return true
  return name !== null && isParameter(code, name) && /^(?:m|mod|module)$/i.test(name)
}

const isModuleCall = (value: Value): boolean =>
  value.kind === 'call' &&
  /^(?:PyModule_(?:Create2?|GetDict|New)|PyImport_(?:AddModule|ImportModule)|Py_InitModule\d?)$/.test(
    calleeName(value) ?? '',
  )

/** What a `return` gives, `?:` taken apart. */
function given(value: Value): readonly Value[] {
  const inner = bare(value)
  return inner.kind === 'conditional' ? [...given(inner.whenTrue), ...given(inner.whenFalse)] : [inner]
}

const goal = (kind: Goal['kind']): Goal => ({ kind, names: [], call: null })

function distinct(goals: readonly Goal[]): readonly Goal[] {
  const key = ({ kind, names, call }: Goal): string =>
    `${kind} ${names.join(' ')} ${call?.file} ${call ? plainText(call.call) : ''}`
  return [...new Map(goals.map((each) => [key(each), each])).values()]
}
