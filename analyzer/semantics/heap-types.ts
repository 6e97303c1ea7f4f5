import type { CallFact, FunctionBody, PlacedText, SlotEntry, SlotTable, SpecFact } from '../facts/file-facts.ts'
import { freeingFunctions } from '../knowledge/slots.ts'
import type { Verdict } from '../preprocess/condition.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'

/** A type that is made of a spec, as the target sees it. */
export interface HeapType {
  readonly file: FileId
  readonly spec: SpecFact
  readonly table: SlotTable | null
  /** The slots that may be compiled. */
  readonly entries: readonly SlotEntry[]
  /** Whether the type has no other slots than those. */
  readonly isWhole: boolean
}

const remembered = new WeakMap<ProjectModel, readonly HeapType[]>()

/** The types that the project makes of specs that may be compiled for the target. */
export function heapTypes(model: ProjectModel): readonly HeapType[] {
  const known = remembered.get(model)
  if (known) return known
  const found: HeapType[] = []
  for (const [file, { heapTypes: facts }] of model.files.entries()) {
    for (const spec of facts.specs) {
      if (model.active(file, spec.region) === 'no') continue
      const tables = facts.slotTables.filter(
        ({ variable, region }) => variable === spec.slots && model.active(file, region) !== 'no',
      )
      // Local tables of several functions may have one name: the last before the spec is meant.
      const table = tables.filter(({ start }) => start < spec.start).at(-1) ?? tables[0] ?? null
      const entries = (table?.entries ?? []).filter(({ region }) => model.active(file, region) !== 'no')
      found.push({ file, spec, table, entries, isWhole: table?.isWhole ?? false })
    }
  }
  remembered.set(model, found)
  return found
}

/** Whether a type has a flag: `Py_TPFLAGS_BASETYPE`. */
export function hasFlag(model: ProjectModel, { file, spec }: HeapType, flag: string): Verdict {
  const verdicts = spec.flags.filter(({ name }) => name === flag).map(({ region }) => model.active(file, region))
  if (verdicts.includes('yes')) return 'yes'
  return spec.hasOpenFlags || verdicts.includes('unknown') ? 'unknown' : 'no'
}

/** Whether a type has a flag wherever a function is compiled, not just in some of these builds. */
export const hasFlagWith = ({ spec }: HeapType, flag: string, body: FunctionBody): boolean =>
  spec.flags.some(({ name, region }) => name === flag && (region === 0 || region === body.region))

/** The entry for a slot; null where there is none, or more than one that may be compiled. */
export function entryOf({ entries }: HeapType, slot: string): SlotEntry | null {
  const found = entries.filter((each) => each.slot === slot)
  return found.length === 1 ? found[0]! : null
}

/** The function in a slot, read; null where it is none of the file's, or several may be compiled. */
export function functionOf(model: ProjectModel, type: HeapType, slot: string): FunctionBody | null {
  const value = entryOf(type, slot)?.value ?? null
  if (value === null) return null
  const bodies = bodiesOf(model, type.file, value)
  return bodies.length === 1 && !bodies[0]!.isMacro ? bodies[0]! : null
}

const bodiesOf = (model: ProjectModel, file: FileId, name: string): readonly FunctionBody[] =>
  model.files[file]!.heapTypes.functions.filter(
    (body) => body.name === name && model.active(file, body.region) !== 'no',
  )

/**
 * Whether a type has other bases than `object`: `no` where all that makes it of its spec is in its file and names none.
 */
export function hasBase(model: ProjectModel, type: HeapType): Verdict {
  if (type.entries.some(({ slot, isNull }) => /^Py_tp_bases?$/.test(slot) && !isNull)) return 'yes'
  if (!type.isWhole) return 'unknown'
  const calls = makersOf(model, type)
  if (calls.length === 0) return 'unknown'
  return calls.every(
    (call) => call.callee === 'PyType_FromSpec' || /^(?:NULL|0|nullptr)$/.test(basesOf(call)?.text ?? ''),
  )
    ? 'no'
    : 'unknown'
}

/** The operand that gives a type its bases; null for none, or where a function of the project's own makes the type. */
export const basesOf = ({ callee, operands }: CallFact): PlacedText | null =>
  operands[basesAt[callee] ?? operands.length] ?? null

const basesAt: Readonly<Record<string, number>> = {
  PyType_FromSpecWithBases: 1,
  PyType_FromModuleAndSpec: 2,
  PyType_FromMetaclass: 3,
}

/** The calls in a type's own file that get its spec. */
const makersOf = (model: ProjectModel, { file, spec }: HeapType): readonly CallFact[] =>
  model.files[file]!.heapTypes.makers.filter(
    ({ operands, region }) =>
      operands.some(({ text }) => text === `&${spec.variable}`) && model.active(file, region) !== 'no',
  )

/**
 * The type that an expression of a file is: a variable of the file, or a field, that is assigned what is made of one
 * spec and nothing else that is.
 */
export function typeBehind(model: ProjectModel, file: FileId, text: string): HeapType | null {
  const [, field, name] = /^[\w.]+(?:->|\.)(?:\w+(?:->|\.))*(\w+)$|^(\w+)$/.exec(text) ?? []
  const facts = model.files[file]!
  if (name !== undefined && !facts.declarations.some((each) => each.kind === 'variable' && each.name === name))
    return null
  const makers = facts.heapTypes.makers.filter(
    ({ result }) =>
      result !== null &&
      (name === undefined
        ? field !== undefined && result.endsWith(field) && /(?:->|\.)$/.test(result.slice(0, -field.length))
        : result === name),
  )
  const found = new Set(
    makers.map(
      (call) => heapTypes(model).find((type) => type.file === file && makersOf(model, type).includes(call)) ?? null,
    ),
  )
  return found.size === 1 ? [...found][0]! : null
}

/** A call that a function makes, or that one makes to which it hands its object. */
export interface CallEffect {
  readonly call: CallFact
  /** The call in the function itself by which that comes about. */
  readonly top: CallFact
  /** Whether the two are one. */
  readonly isOwn: boolean
  /** Of each operand what it is, as far as that can be told: the object, perhaps the object, its type. */
  readonly operands: readonly ('object' | 'maybe' | 'type' | null)[]
  /** `plain`: what it does is known by its name. `unknown`: code that is not read gets the object or its type. */
  readonly kind: 'plain' | 'unknown'
}

const deepest = 5

/** Functions of the C library, and macros, that do nothing to an object but what their names say. */
const harmless = new RegExp(
  `^(?:${[
    'assert|memset|memcpy|free|printf|fprintf|sizeof|offsetof|likely|unlikely|static_assert',
    String.raw`__builtin_\w+|void|[A-Z_]*UNUSED\w*|Py\w+|_Py\w+`,
  ].join('|')})$`,
)

/**
 * All that a function does to its object, which is its first parameter, in the order of the text; `#if` branches that
 * are not compiled left out.
 */
export function callEffectsOf(model: ProjectModel, file: FileId, body: FunctionBody): readonly CallEffect[] {
  const [self] = body.parameters
  if (self === undefined) return []
  const acts: CallEffect[] = []
  walk(body, new Set([self.name]), new Set(), null, 0)
  return acts

  function walk(
    code: FunctionBody,
    objects: Set<string>,
    types: Set<string>,
    above: CallFact | null,
    depth: number,
  ): void {
    const maybe = new Set<string>()
    const isType = (text: string): boolean => types.has(text) || typeOfObject(text, objects)
    for (let grown = true; grown; ) {
      const size = objects.size + types.size + maybe.size
      for (const { name, value } of code.variables) {
        if (objects.has(value)) objects.add(name)
        else if (isType(value)) types.add(name)
        else if (
          [...objects, ...maybe].some((object) => new RegExp(`[(,]${object}[),]`).test(value)) &&
          !/^(?:_?Py|\(?_?Py)/.test(value)
        )
          maybe.add(name)
      }
      grown = objects.size + types.size + maybe.size > size
    }
    const kindOf = (text: string): CallEffect['operands'][number] =>
      isType(text) ? 'type' : objects.has(text) ? 'object' : maybe.has(text) ? 'maybe' : null
    const push = (call: CallFact, operands: CallEffect['operands'], kind: CallEffect['kind']): void =>
      void acts.push({ call, top: above ?? call, isOwn: above === null, operands, kind })
    for (const call of code.calls) {
      if (model.active(file, call.region) === 'no') continue
      const operands = call.operands.map(({ text }) => kindOf(text))
      const concerns = operands.some((each) => each !== null)
      // What a cast gives is looked at where it is used.
      if (
        !concerns ||
        (/cast/i.test(call.callee) && call.operands.length === 1) ||
        freeOf(call.callee, code) !== null ||
        isHarmless(call.callee)
      ) {
        push(call, operands, 'plain')
        continue
      }
      const bodies = /^\w+$/.test(call.callee) && depth < deepest ? bodiesOf(model, file, call.callee) : []
      push(call, operands, bodies.length === 0 ? 'unknown' : 'plain')
      for (const inner of bodies) {
        const named = (wanted: 'object' | 'type'): string[] =>
          inner.parameters.flatMap(({ name }, index) =>
            operands[index] === wanted || (wanted === 'object' && operands[index] === 'maybe') ? [name] : [],
          )
        walk(inner, new Set(named('object')), new Set(named('type')), above ?? call, depth + 1)
      }
    }
    // What a macro without parameters stands for was not read.
    for (const word of code.words) {
      const isCode = model.project.declarations
        .macro(word)
        .some(
          ({ file: where, region, fact }) =>
            fact.parameters === null &&
            fact.value === null &&
            fact.result === null &&
            fact.bodyEnd > fact.bodyStart &&
            model.active(where, region) !== 'no',
        )
      const [first] = code.calls
      if (isCode && !objects.has(word) && first)
        push({ ...first, callee: word, operands: [], statement: null }, [], 'unknown')
    }
  }

  function isHarmless(callee: string): boolean {
    return (
      /^(?:.*(?:->|\.)tp_clear)$/.test(callee) ||
      (harmless.test(callee) && (!/^_?Py/.test(callee) || model.isProjectDefined(file, callee) === 'no'))
    )
  }
}

const typeOfObject = (text: string, objects: ReadonlySet<string>): boolean => {
  const [, called, field] =
    /^(?:(?:Py_TYPE|PyObject_Type)\((\w+)\)|(\w+)(?:->ob_base(?:\.ob_base)?\.|->)ob_type)$/.exec(text) ?? []
  return objects.has(called ?? field ?? '')
}

/** How a call frees its operand: the function that it names, or `tp_free`; null for a call that does not. */
function freeOf(callee: string, { variables }: Pick<FunctionBody, 'variables'>): string | null {
  if (/tp_free\)?$/.test(callee)) return 'tp_free'
  // `freefunc free = type->tp_free;`
  const variable = variables.find(({ name }) => name === callee)
  if (variable) return /tp_free\)?$/.test(variable.value) ? 'tp_free' : null
  return freeingFunctions.has(callee) ? callee : null
}

/** A call by which a function gives back the memory of its object. */
export interface Free {
  readonly act: CallEffect
  /** `tp_free`, or the function: `PyObject_Del`. */
  readonly how: string
}

/** The calls by which a function frees its object. */
export const freesOf = (body: FunctionBody, acts: readonly CallEffect[]): readonly Free[] =>
  acts.flatMap((act) => {
    const how = act.operands[0] === 'object' ? freeOf(act.call.callee, body) : null
    return how === null ? [] : [{ act, how }]
  })

/** Whether an act gives back a reference to the type. */
export const releasesType = ({ call, operands }: CallEffect): boolean =>
  /decref|clear|setref|release/i.test(call.callee) &&
  (operands[0] === 'type' || /Py_TYPE\(|ob_type/.test(call.operands[0]?.text ?? ''))

/** Whether an act gives back a reference to something else than the object and its type, by which any code may run. */
export const releasesMember = ({ call, operands }: CallEffect): boolean =>
  (/^(?:Py_CLEAR|Py_X?DECREF|Py_X?SETREF|_?Py_DecRef|Py_DecRef)$/.test(call.callee) &&
    operands[0] === null &&
    call.operands.length > 0 &&
    !/Py_TYPE\(|ob_type/.test(call.operands[0]!.text)) ||
  /^PyObject_(?:ClearWeakRefs|ClearManagedDict)$/.test(call.callee)

/**
 * Whether a function may be read as that of one heap type: nothing but slots names it, and no other function calls
 * it.
 */
export const isOfSlot = ({ isShared, isCalled }: FunctionBody): boolean => !isShared && !isCalled

/** The object of a slot's function as a `PyObject *`; null where its parameter has no plain name. */
export function objectOf({ parameters: [self] }: FunctionBody): string | null {
  if (self === undefined || !/^[A-Za-z_]\w*$/.test(self.name) || self.type === '') return null
  return self.type === 'PyObject*' ? self.name : `(PyObject *)${self.name}`
}

/** The variable that holds the type of a function's object, in the block of a place; null for none. */
export function typeVariable(body: FunctionBody, place: number): string | null {
  const objects = new Set(body.parameters.slice(0, 1).map(({ name }) => name))
  for (const { name, value } of body.variables) if (objects.has(value)) objects.add(name)
  return (
    body.variables.find(
      ({ type, value, start, until }) =>
        type === 'PyTypeObject*' && typeOfObject(value, objects) && start < place && place < until,
    )?.name ?? null
  )
}

/** What to say of a type whose spec is compiled in some builds only. */
export const doubtsOf = (model: ProjectModel, { file, spec }: HeapType, body: FunctionBody | null): string[] =>
  [spec.region, ...(body ? [body.region] : [])].some((region) => model.active(file, region) === 'unknown')
    ? ['whether it is compiled depends on options of the build']
    : []

/**
 * Whether a type allocates or frees its instances by a function of the project's own, which may do more or less than
 * that.
 */
export const hasOwnMemory = ({ entries }: HeapType): boolean =>
  entries.some(
    ({ slot, value, isNull }) =>
      (slot === 'Py_tp_free' || slot === 'Py_tp_alloc') &&
      !isNull &&
      !freeingFunctions.has(value ?? '') &&
      value !== 'PyType_GenericAlloc',
  )

/** What a type is called in messages. */
export const shownType = ({ spec: { name, variable } }: HeapType): string =>
  name ? `\`${name.text.slice(0, 60)}\`` : `the type of \`${variable}\``
