import type { CType } from '../knowledge/ctype.ts'
import type { Offset, Span } from '../source/text.ts'
import type {
  CompleteTypeUse,
  Declaration,
  FileFacts,
  MacroCall,
  MemberAccess,
  ObjectArgument,
  StructDeclaration,
  UseContext,
} from './file-facts.ts'
import type { ScannedFile } from './scanned-file.ts'
import type { TokenFacts } from './tokens/token-facts.ts'
import type { Sink } from './tree/sink.ts'

/** Source: object.h. */
const headTypes: Readonly<Record<string, CType>> = { PyObject_HEAD: 'PyObject', PyObject_VAR_HEAD: 'PyVarObject' }

/** What trees tell of a file: those of all views of its code, and those of its macros' bodies. */
export class TreeFacts {
  /** How names that may be rewritten stand in the code, by the offset of the name. */
  readonly useContexts = new Map<Offset, UseContext>()
  // Two views see the same fact at the same place.
  private readonly members = new Map<Offset, MemberAccess>()
  private readonly objectArguments = new Map<Offset, ObjectArgument>()
  private readonly completeTypeUses = new Map<Offset, CompleteTypeUse>()
  private readonly declarations = new Map<Offset, Declaration>()
  private readonly structs = new Map<Offset, StructDeclaration>()
  private readonly shadows = new Map<Offset, FileFacts['shadows'][number]>()
  private readonly macroCalls = new Map<Offset, MacroCall>()
  private readonly unparsed: Span[] = []
  private readonly heads: TokenFacts['uses']

  constructor(
    private readonly file: ScannedFile,
    private readonly found: TokenFacts,
  ) {
    this.heads = found.uses.filter(({ name, macro }) => macro < 0 && Object.hasOwn(headTypes, name))
  }

  /** Takes down a span that no parser has understood. */
  addUnparsed(start: Offset, end: Offset): void {
    this.unparsed.push({ start, end })
  }

  /**
   * A sink that takes down what it is told.
   * @param macroAt the index of the macro in whose body an offset lies, or -1
   */
  sink(macroAt: (offset: Offset) => number): Sink {
    const { regions } = this.file
    return {
      member: (access) => {
        // One that knows its object wins over one that does not.
        if (this.members.get(access.start)?.object) return
        const within = this.found.within.get(access.start) ?? []
        const region = regions.at(access.start)
        this.members.set(access.start, { within, region, macro: macroAt(access.start), ...access })
      },
      objectArgument: (argument) => {
        const { start } = argument
        this.objectArguments.set(start, { region: regions.at(start), macro: macroAt(start), ...argument })
      },
      useContext: (offset, context) => {
        const before = this.useContexts.get(offset)
        // What one view takes for fresh another may know better.
        this.useContexts.set(
          offset,
          before?.fresh === undefined || context.fresh !== undefined ? (before ?? context) : context,
        )
      },
      completeTypeUse: (use) => {
        const region = regions.at(use.start)
        this.completeTypeUses.set(use.start, { region, macro: macroAt(use.start), ...use })
      },
      declaration: (declaration) => {
        // Written out, an object takes half as much memory as one that is made of another.
        const { kind, name, type, offset, defines, ...more } = declaration
        const region = regions.at(offset)
        if (macroAt(offset) < 0) this.declarations.set(offset, { kind, name, type, offset, region, defines, ...more })
      },
      struct: (struct, end) => {
        const { offset } = struct
        if (macroAt(offset) >= 0) return
        // Each view may show other fields.
        const fields = { ...this.headIn(offset, end), ...this.structs.get(offset)?.fields, ...struct.fields }
        this.structs.set(offset, { region: regions.at(offset), ...struct, fields })
      },
      shadow: (name, start, end, isPrototype) =>
        void this.shadows.set(start, { name, start, end, ...(isPrototype ? { isPrototype } : {}) }),
      macroCall: (name, offset, operands, locals) =>
        void this.macroCalls.set(offset, { name, offset, operands, locals, macro: macroAt(offset) }),
      unparsed: (start, end) => this.addUnparsed(start, end),
    }
  }

  facts(): Pick<
    FileFacts,
    | 'members'
    | 'objectArguments'
    | 'completeTypeUses'
    | 'declarations'
    | 'structs'
    | 'shadows'
    | 'macroCalls'
    | 'unparsed'
  > {
    return {
      members: [...this.members.values()],
      objectArguments: [...this.objectArguments.values()],
      completeTypeUses: [...this.completeTypeUses.values()],
      declarations: [...this.declarations.values()],
      structs: [...this.structs.values()],
      shadows: [...this.shadows.values()],
      macroCalls: [...this.macroCalls.values()],
      unparsed: this.unparsed,
    }
  }

  /** The field that `PyObject_HEAD` declares between two places; the parser does not see the macro. */
  private headIn(start: Offset, end: Offset): Readonly<Record<string, CType>> {
    const head = this.heads.find((each) => start < each.start && each.start < end)
    return head ? { ob_base: headTypes[head.name]! } : {}
  }
}
