import type { FunctionCode } from '../../code/tree.ts'
import { isStateHeader } from '../../fix/shim-header.ts'
import type { Sources } from '../sources.ts'
import type { StateAccess } from './state-access.ts'

/** The names that a rewritten module uses besides its own. */
export interface Names {
  /** Of the struct: `spam_state`. */
  readonly struct: string
  /** What the module's own names begin with: `spam`. */
  readonly prefix: string
  /** Of variables and parameters that point to the state. */
  readonly state: string
  /** Of parameters that are the module. */
  readonly module: string
}

/**
 * Names that nothing else in the project has, and variables that no function that uses the state has already.
 * @param struct that the state is already; null for none
 */
export function namesFor(sources: Sources, module: string, { users }: StateAccess, struct: string | null): Names {
  const stem = module.replace(/^_+/, '')
  const plain = /^[A-Za-z]/.test(stem) ? stem : `module_${stem}`
  const made = ['state', 'exec', 'slots', 'traverse', 'clear', 'free', 'state_of_type', 'state_of_operands']
  const isFree = (prefix: string): boolean =>
    made.every((each) => !sources.declares(`${prefix}_${each}`) && !sources.isType(`${prefix}_${each}`))
  const prefix = [plain, `${plain}_module`, `${plain}_py`, `${plain}_ext`].find(isFree) ?? `abi3_${plain}`
  const functions = [...users.values()]
  const inMacros = namesInMacros(sources)
  const isUnused = (name: string): boolean =>
    !sources.declares(name) &&
    !inMacros.has(name) &&
    functions.every(({ file, code }) => sources.code(file).referencesIn(name, whole(code)).length === 0)
  const pick = (names: readonly string[]): string => names.find(isUnused) ?? `${prefix}_${names[0]!}_`
  return {
    prefix,
    struct: struct ?? `${prefix}_state`,
    state: pick(['state', 'module_state', 'mod_state']),
    module: pick(['module', 'this_module', 'mod']),
  }
}

const known = new WeakMap<Sources, ReadonlySet<string>>()

/** The names in macros: what one declares hides a variable of the function that it is used in. */
function namesInMacros(sources: Sources): ReadonlySet<string> {
  const found =
    known.get(sources) ??
    new Set(
      sources.model.files.flatMap(({ file, macros }, id) => {
        if (isStateHeader(file)) return []
        const { text } = sources.model.project.code(id)
        return macros.flatMap(
          ({ bodyStart, bodyEnd }) => text.slice(bodyStart, bodyEnd).match(/(?<![\w.>])[A-Za-z_]\w*/g) ?? [],
        )
      }),
    )
  known.set(sources, found)
  return found
}

/** A function or a macro with its head. */
const whole = ({ headStart, span }: FunctionCode): { readonly start: number; readonly end: number } => ({
  start: headStart,
  end: span.end,
})
