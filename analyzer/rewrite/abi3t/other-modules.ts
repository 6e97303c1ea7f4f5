import { initFunctions } from '../../project/init-functions.ts'
import { linkedUnits } from '../../project/linked-units.ts'
import type { FileId } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import type { Access } from './accesses.ts'

/**
 * Keeps structs as they are whose fields another module asks for than the one that has their type: the token of a type
 * is a variable of one library, and the other would not load.
 */
export function refuseOtherModules(sources: Sources, accesses: readonly Access[]): void {
  const modules = new Modules(sources)
  for (const access of accesses) {
    const { file, struct, member } = access
    const owners = new Set(struct.types.flatMap((type) => [...modules.of(type.file)]))
    if (owners.size === 0) continue
    const other = modules.using(access).find((each) => !owners.has(each))
    if (other === undefined) continue
    const text = `\`${other}\` asks for \`${member.name}\`, and \`${[...owners][0]}\` is the module that has the type`
    struct.obstacles.add(file, member.span.start, text)
  }
}

/** Which modules files are linked into, as far as functions tell. */
class Modules {
  private readonly byFile = new Map<FileId, Set<string>>()

  constructor(private readonly sources: Sources) {
    const { model } = sources
    const linked = linkedUnits(model.project)
    for (const { file, module } of initFunctions(model.project))
      for (const root of this.unitsOf(file))
        for (const unit of linked.find((set) => set.has(root)) ?? [root])
          this.byFile.set(unit, (this.byFile.get(unit) ?? new Set()).add(module))
  }

  /** Those of all units that read a file; empty where that is not known of each. */
  of(file: FileId): ReadonlySet<string> {
    const units = this.unitsOf(file)
    const all = units.map((unit) => this.byFile.get(unit))
    return new Set(all.includes(undefined) ? [] : all.flatMap((each) => [...each!]))
  }

  /** Those whose units compile an access: of a header those that name the function or the macro that it stands in. */
  using({ file, code }: Access): readonly string[] {
    const id = this.sources.idOf(file)
    const { graph } = this.sources.model.project
    const named = new Set(graph.isUnit(id) ? [id] : this.sources.model.project.filesWith(code.name))
    const units = this.unitsOf(id).filter((unit) => named.has(unit))
    return units.flatMap((unit) => [...(this.byFile.get(unit) ?? [])])
  }

  private unitsOf(file: FileId): readonly FileId[] {
    const { graph } = this.sources.model.project
    return graph.roots(file)
  }
}
