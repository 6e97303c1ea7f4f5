import type { FileFacts, RegionOfFile } from '../facts/file-facts.ts'
import { addTo } from '../source/multimap.ts'
import { lastUpTo } from '../source/search.ts'
import type { FileId, Offset, RegionId } from '../source/text.ts'
import type { IncludeGraph } from './includes.ts'

/** A definition of a macro of the project, and where an `#undef` may take it away before a place. */
export interface MeantMacro {
  readonly file: FileId
  /** Its index in the file. */
  readonly macro: number
  readonly undefinitions: readonly RegionOfFile[]
}

/** What one file says of a name, in order: definitions by index, and null where it takes the name away. */
interface Statements {
  readonly offsets: Offset[]
  readonly macros: (number | null)[]
  readonly regions: RegionId[]
}

const nothing: Statements = { offsets: [], macros: [], regions: [] }
/** Definitions of one name in one file that are looked at. */
const mostDefinitions = 100

/** All definitions of macros in a project, by name. Knows no target: those of branches of an `#if` are all there. */
export class MacroDefinitions {
  private readonly all = new Map<string, { readonly file: FileId; readonly macro: number }[]>()
  private readonly statements = new Map<string, Statements>()

  constructor(
    private readonly files: readonly FileFacts[],
    private readonly graph: IncludeGraph,
  ) {
    files.forEach(({ macros, undefinitions }, file) => {
      macros.forEach(({ name, offset, region }, macro) => {
        this.add(file, name, macro, offset, region)
        addTo(this.all, name, { file, macro })
      })
      for (const { name, offset, region } of undefinitions)
        if (this.all.has(name)) this.add(file, name, null, offset, region)
    })
  }

  private add(file: FileId, name: string, macro: number | null, offset: Offset, region: RegionId): void {
    const key = `${file} ${name}`
    let said = this.statements.get(key)
    if (!said) {
      said = { offsets: [], macros: [], regions: [] }
      this.statements.set(key, said)
    }
    const at = lastUpTo(said.offsets, offset) + 1
    said.offsets.splice(at, 0, offset)
    said.macros.splice(at, 0, macro)
    said.regions.splice(at, 0, region)
  }

  /**
   * What a name may mean at a place: what the file says of it before, unless that hangs on a condition also what files
   * say that it includes or is included by, else what any file says.
   * @param region that of the place
   */
  meant(name: string, file: FileId, offset: Offset, region: RegionId): readonly MeantMacro[] {
    const all = this.all.get(name) ?? []
    if (all.length === 0) return []
    const { here, isComplete } = this.meantBy(file, name, offset, region)
    if (isComplete) return here
    const included = this.graph.closure(file)
    const near = all.flatMap((each): MeantMacro[] => {
      if (each.file === file) return []
      if (this.graph.closure(each.file).has(file)) return [{ ...each, undefinitions: [] }]
      return included.has(each.file) ? [this.atEnd(each)] : []
    })
    if (here.length + near.length > 0) return [...here, ...near]
    return all.map((each) => ({ ...each, undefinitions: [] }))
  }

  /**
   * What a file itself says of a name before a place.
   * @returns `isComplete` where one of the definitions is always compiled with the place
   */
  private meantBy(
    file: FileId,
    name: string,
    offset: Offset,
    region: RegionId,
  ): { readonly here: readonly MeantMacro[]; readonly isComplete: boolean } {
    const { offsets, macros, regions } = this.statements.get(`${file} ${name}`) ?? nothing
    const here: MeantMacro[] = []
    const undefinitions: RegionOfFile[] = []
    for (let at = lastUpTo(offsets, offset); at >= 0 && here.length < mostDefinitions; at--) {
      const macro = macros[at]!
      const isSure = this.encloses(file, regions[at]!, region)
      if (macro === null && isSure) break
      if (macro === null) undefinitions.push({ file, region: regions[at]! })
      else here.push({ file, macro, undefinitions: [...undefinitions] })
      if (isSure) return { here, isComplete: true }
    }
    return { here, isComplete: false }
  }

  /** A definition as it is where the file that has it ends. */
  private atEnd({ file, macro }: { readonly file: FileId; readonly macro: number }): MeantMacro {
    const { name, offset } = this.files[file]!.macros[macro]!
    const { offsets, macros, regions } = this.statements.get(`${file} ${name}`)!
    const undefinitions: RegionOfFile[] = []
    for (let at = lastUpTo(offsets, offset) + 1; at < offsets.length; at++)
      if (macros[at] === null) undefinitions.push({ file, region: regions[at]! })
    return { file, macro, undefinitions }
  }

  /** Whether whatever compiles one region of a file compiles another one. */
  private encloses(file: FileId, outer: RegionId, inner: RegionId): boolean {
    const { regions } = this.files[file]!
    for (let at = inner; at > 0; at = regions[at]!.parent) if (at === outer) return true
    return outer === 0
  }
}
