import { callsIn } from '../code/placement.ts'
import { valuesInCode } from '../code/statements.ts'
import { addressed, calleeName, nameOf } from '../code/values.ts'
import { isParameter } from '../code/variables.ts'
import { initFunctions } from '../project/init-functions.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { type Body, functionsOf } from './functions.ts'
import { type ModuleDef, moduleDefNamed } from './module-defs.ts'
import type { Module } from './modules.ts'
import { type StateMacro, stateMacroOf } from './state-macro.ts'

/** How a module is initialised. */
export interface ModuleInit {
  /**
   * `single-phase`: its function makes the module. `multi-phase`: it gives CPython the definition. `export`: CPython
   * asks for its slots (`PyModExport_`). `unknown`: what the function does is not understood.
   */
  readonly init: 'single-phase' | 'multi-phase' | 'export' | 'unknown'
  /** Its definition; null where that is not known, or there are several. */
  readonly def: ModuleDef | null
  /** The macro that defines it, with its state; null for another definition. */
  readonly macro: StateMacro | null
  /** Where the name of the function stands that Python calls, or the macro that makes that. */
  readonly offset: Offset
}

/** What the function does that Python calls to import a module. */
export function moduleInit(model: ProjectModel, { name, definedIn }: Module): ModuleInit {
  const entries = initFunctions(model.project).flatMap(({ module, file, kind, bodies }) =>
    module === name && file === definedIn
      ? bodies.filter(({ span }) => compiledAt(model, file, span.start) !== 'no').map((code) => ({ kind, code }))
      : [],
  )
  const body = entries.find(({ kind }) => kind === 'PyInit') ?? entries[0]
  if (!body) {
    const macro = stateMacroOf(model, definedIn, name)
    return { init: macro ? initByMacro(model) : 'unknown', def: null, macro, offset: macro?.offset ?? 0 }
  }
  const offset = body.code.nameSpan.start
  if (body.kind === 'PyModExport') return { init: 'export', def: null, macro: null, offset }
  return { init: 'unknown', def: null, ...made(model, { file: definedIn, code: body.code }, 0), macro: null, offset }
}

/** The first levels at which `PepState_MODULE` makes a module in several phases, and by `PyModExport_` for abi3t. */
const firstMultiPhase = 10
const firstExport = 15

/** How `PepState_MODULE` makes a module for a target. */
function initByMacro({ target: { level, headers, abi3t } }: ProjectModel): ModuleInit['init'] {
  if (abi3t && headers >= firstExport) return 'export'
  return level >= firstMultiPhase ? 'multi-phase' : 'single-phase'
}

/** The functions and macros that make a module of a definition. */
const makers: ReadonlyMap<string, ModuleInit['init']> = new Map([
  ['PyModule_Create', 'single-phase'],
  ['PyModule_Create2', 'single-phase'],
  ['PyModuleDef_Init', 'multi-phase'],
])

/** Calls within calls in which the one is looked for that makes the module. */
const deepest = 3

/** The functions that a name means in a file, else the macros: `MOD_DEF(m, "spam", doc, methods)`. */
function bodiesNamed(model: ProjectModel, file: FileId, name: string): readonly Body[] {
  const functions = functionsOf(model).named(file, name)
  return functions.length > 0 ? functions : functionsOf(model).macrosNamed(file, name)
}

/** The call that makes a module, in a function or in one that it calls; null for none. */
function made(model: ProjectModel, { file, code }: Body, depth: number): Pick<ModuleInit, 'init' | 'def'> | null {
  const calls = callsIn(code).filter(({ span }) => compiledAt(model, file, span.start) !== 'no')
  for (const call of calls) {
    const init = makers.get(calleeName(call) ?? '')
    if (!init) continue
    const [operand] = call.operands
    const written = operand ? (addressed(operand) ?? nameOf(operand)) : null
    // A parameter of a macro is no variable.
    const name = written === null || (code.kind === 'macro' && isParameter(code, written)) ? null : written
    return { init, def: name === null ? null : moduleDefNamed(model, file, name) }
  }
  if (depth > deepest) return null
  const called = calls.flatMap((call) => bodiesNamed(model, file, calleeName(call) ?? ''))
  // `PyObject *m = CREATE_SPAM;`
  const written = valuesInCode(code.body).flatMap((each) =>
    each.kind === 'name' ? functionsOf(model).macrosNamed(file, each.name) : [],
  )
  for (const body of [...called, ...written]) {
    const found = body.code === code ? null : made(model, body, depth + 1)
    if (found) return found
  }
  return null
}
