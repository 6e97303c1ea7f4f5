import { addressed } from '../../code/values.ts'
import type { CodeIn } from '../sources.ts'
import type { Conversion, Decision } from './conversion.ts'
import { ownObstacles } from './eligibility.ts'
import { callAt } from './found-uses.ts'
import { FreeingFunctions } from './freeing-functions.ts'
import { type InitPlace, initPlaceOf } from './init-functions.ts'
import { type FunctionEdits, type Owners, releasingEdits, visitingEdits } from './instances.ts'
import { NameReads, nameChangeOf } from './name-reads.ts'
import type { TypeFacts } from './type-facts.ts'
import { type Obstacle, offsetOf, type TypeObject } from './type-objects.ts'
import type { TypeUses } from './uses.ts'

/** Decides which types are rewritten. */
export function decide(facts: TypeFacts): Decision {
  const reads = new NameReads(facts.sources)
  const changes = new Map(facts.index.types.map((type) => [type, nameChangeOf(facts, reads, type)]))
  const obstacles = new Map<TypeObject, Obstacle[]>(
    facts.all.map((uses) => [
      uses.type,
      [...uses.obstacles, ...ownObstacles(facts, uses, changes.get(uses.type)!), ...lockedCreation(facts, uses)],
    ]),
  )
  addSlotFunctions(facts, obstacles)
  settle(facts, obstacles)
  const names = new SpecNames(facts)
  const conversions = facts.all
    .filter(({ type }) => obstacles.get(type)!.length === 0)
    .map((uses): Conversion => {
      const { type } = uses
      const isSequence = uses.sequenceCalls.length > 0
      return {
        type,
        uses,
        ...names.of(type),
        creation: creationOf(facts, uses),
        nameReads: isSequence ? [] : changes.get(type)!.reads,
        isSequence,
      }
    })
  return { conversions, obstacles }
}

/** The place where a type is made that nothing makes ready; null where something does, or where there is none. */
const creationOf = (facts: TypeFacts, { type, sequenceCalls }: TypeUses): InitPlace | null =>
  sequenceCalls.length > 0 || type.places.length === 0 || facts.isMadeByUses(type)
    ? null
    : initPlaceOf(facts.sources, type)

/** The file in which a type is to be made has to be open for edits. */
function lockedCreation(facts: TypeFacts, uses: TypeUses): readonly Obstacle[] {
  const place = creationOf(facts, uses)
  const text = place === null ? null : facts.sources.settings.locked(place.file)
  return text === null ? [] : [{ file: place!.file, offset: place!.around.nameSpan.start, text }]
}

type Obstacles = Map<TypeObject, Obstacle[]>

/** A type whose instances cannot be made to give back and to visit their type is left alone. */
function addSlotFunctions(facts: TypeFacts, obstacles: Obstacles): void {
  const isOpen = (type: TypeObject): boolean => obstacles.get(type)!.length === 0
  const add = ({ types, code: { file, code }, result }: SlotFunctionEdits): void => {
    const why = 'why' in result ? result.why : result.edits.length > 0 ? facts.sources.settings.locked(file) : null
    if (why === null) return
    const offset = 'why' in result ? result.offset : code.nameSpan.start
    for (const type of types) obstacles.get(type)!.push({ file, offset, text: why })
  }
  for (const each of deallocEdits(facts, isOpen)) add(each)
  for (const each of traverseEdits(facts, isOpen)) add(each)
}

/** The edits of a function that types have in a slot. */
export interface SlotFunctionEdits {
  readonly types: ReadonlySet<TypeObject>
  readonly code: CodeIn
  readonly result: FunctionEdits
}

/** @param isConverted whether a type is rewritten; what is found out for one function counts for the next */
export function* deallocEdits(
  facts: TypeFacts,
  isConverted: (type: TypeObject) => boolean,
): Iterable<SlotFunctionEdits> {
  const { sources } = facts
  const deallocs = facts.usersOf('tp_dealloc')
  const freeing = new FreeingFunctions(facts)
  for (const [name, types] of deallocs) {
    for (const code of facts.functionsOf(name, types)) {
      const owners = ownersOf(facts, name, code.file, deallocs, freeing, isConverted)
      yield { types, code, result: releasingEdits(sources.model, sources.body(code), owners) }
    }
  }
}

/** Those of the types that are rewritten. @param isConverted whether a type is */
export function* traverseEdits(
  facts: TypeFacts,
  isConverted: (type: TypeObject) => boolean,
): Iterable<SlotFunctionEdits> {
  const { sources } = facts
  const traverses = new Map([...facts.usersOf('tp_traverse')].filter(([, types]) => [...types].some(isConverted)))
  const visiting = new Set(traverses.keys())
  const fate = (type: string): 'heap' | 'static' | null => fateOf(facts, type, isConverted)
  const condition =
    sources.settings.level >= 9
      ? null
      : 'PY_VERSION_HEX >= 0x03090000 && (!defined(Py_LIMITED_API) || Py_LIMITED_API + 0 >= 0x03090000)'
  for (const [name, types] of traverses) {
    for (const code of facts.functionsOf(name, types)) {
      const result = visitingEdits(sources.model, sources.body(code), visiting, fate, condition)
      yield { types, code, result }
    }
  }
}

/**
 * What is known of the types whose `tp_dealloc` a function is.
 * @param file where it stands
 * @param deallocs the types by the name of that function
 * @param freeing the types by what may free them
 * @param isConverted whether a type is rewritten
 */
function ownersOf(
  facts: TypeFacts,
  name: string,
  file: string,
  deallocs: ReadonlyMap<string, ReadonlySet<TypeObject>>,
  freeing: FreeingFunctions,
  isConverted: (type: TypeObject) => boolean,
): Owners {
  return {
    comeBack: comeBack(facts, file, deallocs.get(name) ?? new Set()),
    withStatic: [...freeing.typesOf(name)].some((type) => !isConverted(type)),
    releases: (other) => other !== name && [...(deallocs.get(other) ?? [])].some(isConverted),
    fate: (type) => fateOf(facts, type, isConverted),
    base(type) {
      const [found, ...others] = facts.index.all(type)
      if (!found || others.length > 0) return null
      const base = facts.base(found)
      return base === null ? 'PyBaseObject_Type' : base.name
    },
  }
}

/** Functions that give memory its type, by which it takes a reference to that, and how many references it has. */
const initialisers = ['PyObject_Init', 'PyObject_INIT', 'PyObject_InitVar', 'PyObject_INIT_VAR']

/** Functions by which an object comes back that has its type still. */
const revivers = ['_Py_NewReference', 'Py_SET_REFCNT', '_Py_ForgetReference']

/**
 * How objects that are kept in a file for later use come back, as far as the calls in it say. Where none does they are
 * freed later, perhaps, and the reference to the type would have to go there.
 */
function comeBack(facts: TypeFacts, file: string, types: ReadonlySet<TypeObject>): Owners['comeBack'] {
  const { sources, index } = facts
  const offsets = (names: readonly string[]): readonly number[] =>
    names.flatMap((name) => sources.code(file).references(name))
  const initialised = offsets(initialisers).some((offset) => {
    const call = callAt(sources, { file, offset })
    const type = call === null || call === 'unread' || !call.operands[1] ? null : addressed(call.operands[1])
    const named = type === null ? null : index.named(type, file)
    return named === null || types.has(named)
  })
  const revived = offsets(revivers).length > 0
  if (initialised === revived) return 'unknown'
  return initialised ? 'initialised' : 'as they are'
}

/** What becomes of a type object by its name: null for none of the project's. */
function fateOf(facts: TypeFacts, name: string, isConverted: (type: TypeObject) => boolean): 'heap' | 'static' | null {
  const found = facts.index.all(name)
  return found.length === 0 ? null : found.some(isConverted) ? 'heap' : 'static'
}

/** Types that need others go with them; until nothing changes. */
function settle(facts: TypeFacts, obstacles: Obstacles): void {
  const isOpen = (type: TypeObject): boolean => obstacles.get(type)!.length === 0
  for (let changed = true; changed; ) {
    changed = false
    for (const { type, needs } of facts.all) {
      if (!isOpen(type)) continue
      const obstacle = staticBase(facts, type, isOpen) ?? missingOther(type, needs, isOpen)
      if (obstacle === null) continue
      obstacles.get(type)!.push(obstacle)
      changed = true
    }
  }
}

/** A base that stays static, and that no heap type may be derived from. */
function staticBase(facts: TypeFacts, type: TypeObject, isOpen: (type: TypeObject) => boolean): Obstacle | null {
  const base = facts.base(type)?.type
  const [home] = base?.homes ?? []
  if (!base || base === type || isOpen(base) || !home) return null
  const flags = base.definitions.length > 0 ? facts.initialFlags(base) : facts.texts(base, 'tp_flags')
  const isInitiallyBase = flags.some((text) => /BASETYPE/.test(text))
  return isInitiallyBase
    ? null
    : {
        file: home.file,
        offset: offsetOf(home),
        text: `its base \`${base.name}\` is left alone, and lacks \`Py_TPFLAGS_BASETYPE\``,
      }
}

function missingOther(
  type: TypeObject,
  needs: ReadonlySet<TypeObject>,
  isOpen: (type: TypeObject) => boolean,
): Obstacle | null {
  const other = [...needs].find((each) => !isOpen(each))
  // Of a pointer to a type the project may have no type object.
  const [home] = [...(other?.definitions ?? []), ...(other?.declarations ?? []), ...type.homes]
  if (!other || !home) return null
  return { file: home.file, offset: offsetOf(home), text: `\`${other.name}\` is left alone, and it goes with it` }
}

/** Finds names for specs and slots that nothing has where the type is known. */
class SpecNames {
  constructor(private readonly facts: TypeFacts) {}

  of(type: TypeObject): Pick<Conversion, 'spec' | 'slots'> {
    return {
      spec: this.free(type, ['_spec', '_type_spec']),
      slots: this.free(type, ['_slots', '_type_slots']),
    }
  }

  private free(type: TypeObject, suffixes: readonly string[]): string {
    const isFree = (each: string): boolean => !this.isNear(type, each)
    return suffixes.map((suffix) => type.name + suffix).find(isFree) ?? `${type.name}_${suffixes[0]}_`
  }

  /** Whether a name stands in a file that goes with one where the type is named. */
  private isNear({ references }: TypeObject, name: string): boolean {
    const { sources } = this.facts
    // Mostly it stands nowhere.
    const files = new Set(sources.references(name).map(({ file }) => file))
    if (files.size === 0) return false
    return references.some(({ file }) => [...sources.settings.related(file)].some((each) => files.has(each)))
  }
}
