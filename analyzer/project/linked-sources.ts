import { addTo } from '../source/multimap.ts'
import type { FileId } from '../source/text.ts'
import type { Project } from './model.ts'

/**
 * The sources that a linker adds to some, one after the other, because they define functions and variables that these
 * use: what the user sees declared and only one other source defines.
 */
export class LinkedSources {
  /** Of each name: the sources that define it. */
  private readonly definers = new Map<string, FileId[]>()
  private readonly definedNames: ReadonlySet<string>
  private readonly known = new Map<FileId, readonly FileId[]>()
  private readonly knownNames = new Map<FileId, readonly string[]>()

  /** @param offered the translation units that may be added */
  constructor(
    private readonly project: Project,
    offered: Iterable<FileId>,
  ) {
    for (const file of offered) {
      const names = new Set<string>()
      for (const { kind, name, defines } of project.files[file]!.declarations)
        if (defines && (kind === 'function' || kind === 'variable')) names.add(name)
      for (const name of names) addTo(this.definers, name, file)
    }
    this.definedNames = new Set(this.definers.keys())
  }

  /** Those that are added to some sources, and to what is added; without these themselves. */
  addedTo(sources: Iterable<FileId>): ReadonlySet<FileId> {
    const given = new Set(sources)
    const found = new Set(given)
    // A set may grow while it is walked.
    for (const file of found) for (const added of this.usedBy(file)) found.add(added)
    for (const file of given) found.delete(file)
    return found
  }

  private usedBy(file: FileId): readonly FileId[] {
    const found = this.known.get(file) ?? this.findUsedBy(file)
    this.known.set(file, found)
    return found
  }

  private findUsedBy(file: FileId): readonly FileId[] {
    const { graph } = this.project
    const used = new Set<FileId>()
    const seen = new Set([file, ...graph.closure(file)])
    const names = new Set([...seen].flatMap((each) => this.namesUsedIn(each)))
    for (const name of names) {
      const meant = this.meantBy(name, file, seen)
      if (meant !== null) used.add(meant)
    }
    used.delete(file)
    return [...used]
  }

  /**
   * What defines what a name stands for in a source that sees some files; null for none, and for several, of which each
   * build takes another one.
   */
  private meantBy(name: string, file: FileId, seen: ReadonlySet<FileId>): FileId | null {
    const declaring = this.promises(name).filter((each) => seen.has(each))
    if (declaring.length === 0) return null
    const definers = this.definers.get(name)!
    const headers = declaring.filter((each) => each !== file)
    const near = definers.filter((each) => headers.some((header) => this.project.graph.closure(each).has(header)))
    const meant = near.length > 0 ? near : definers.filter((each) => this.isSeenOutside(each, name))
    return meant.length === 1 ? meant[0]! : null
  }

  /** The files that declare a function or a variable without defining it. */
  private promises(name: string): readonly FileId[] {
    const { declarations } = this.project
    return declarations
      .value(name)
      .flatMap(({ file, fact: { kind, defines } }) =>
        !defines && (kind === 'function' || kind === 'variable') ? [file] : [],
      )
  }

  /** Whether a function or variable of a source is not `static`. */
  private isSeenOutside(file: FileId, name: string): boolean {
    const code = this.project.code(file)
    return (
      code.functionsNamed(name).some(({ storage }) => storage !== 'static') ||
      code.variables.some((each) => each.name === name && each.storage === '')
    )
  }

  /** The names that are defined in what is offered and stand in a file more often than it declares them. */
  private namesUsedIn(file: FileId): readonly string[] {
    const known = this.knownNames.get(file)
    if (known) return known
    const code = this.project.code(file)
    const declared = (name: string): number =>
      this.project.declarations.value(name).filter((each) => each.file === file).length
    const found = code.names.among(this.definedNames).filter((name) => code.references(name).length > declared(name))
    this.knownNames.set(file, found)
    return found
  }
}
