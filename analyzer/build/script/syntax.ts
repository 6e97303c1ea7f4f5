/** What is read of a build script: expressions and statements, as far as they matter for what is built. */

/** An argument of a call: `x`, `name=x`, `*x`, `**x`. */
export interface Argument {
  readonly name: string | null
  readonly stars: '' | '*' | '**'
  readonly value: Expression
}

/** `for names in of if tests` in a comprehension. */
export interface Clause {
  readonly target: Expression
  readonly of: Expression
  readonly tests: readonly Expression[]
}

export type Expression =
  | { readonly kind: 'string'; readonly value: string }
  /** An f-string: texts, and expressions between them as they are written. */
  | {
      readonly kind: 'format'
      readonly parts: readonly (string | { readonly of: Expression; readonly spec: string })[]
    }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'constant'; readonly value: boolean | null }
  | { readonly kind: 'name'; readonly name: string; readonly start: number }
  | { readonly kind: 'attribute'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'item'; readonly of: Expression; readonly key: Expression }
  | {
      readonly kind: 'slice'
      readonly of: Expression
      readonly from: Expression | null
      readonly to: Expression | null
    }
  | {
      readonly kind: 'call'
      readonly called: Expression
      readonly args: readonly Argument[]
      readonly start: number
    }
  /** A list, a tuple or a set. */
  | { readonly kind: 'list'; readonly items: readonly Argument[] }
  | {
      readonly kind: 'dict'
      readonly entries: readonly { readonly key: Expression | null; readonly value: Expression }[]
    }
  | {
      readonly kind: 'comprehension'
      /** Of a dict; else null. */
      readonly key: Expression | null
      readonly value: Expression
      readonly clauses: readonly Clause[]
    }
  | { readonly kind: 'not' | 'minus'; readonly of: Expression }
  | { readonly kind: 'operation'; readonly sign: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'choice'; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  | {
      readonly kind: 'lambda'
      readonly parameters: readonly Parameter[]
      readonly value: Expression
      readonly start: number
    }
  /** What is not read: `yield`. `of` is what it is a part of. */
  | { readonly kind: 'other'; readonly what: string; readonly of?: Expression }

/** A parameter of a function. */
export interface Parameter {
  readonly name: string
  readonly stars: '' | '*' | '**'
  readonly initial: Expression | null
}

export type Statement = { readonly start: number } & (
  | { readonly kind: 'expression'; readonly value: Expression }
  /** `sign` is that of `+=`, empty for `=`. */
  | {
      readonly kind: 'assign'
      readonly targets: readonly Expression[]
      readonly sign: string
      readonly value: Expression
    }
  | { readonly kind: 'return'; readonly value: Expression | null }
  | { readonly kind: 'if'; readonly test: Expression; readonly yes: Block; readonly no: Block }
  | {
      readonly kind: 'for'
      readonly target: Expression
      readonly of: Expression
      readonly body: Block
      readonly no: Block
    }
  | { readonly kind: 'while' | 'with'; readonly body: Block; readonly names: readonly Expression[] }
  | {
      readonly kind: 'try'
      readonly body: Block
      readonly handlers: readonly Block[]
      readonly no: Block
      readonly last: Block
    }
  | {
      readonly kind: 'def'
      readonly name: string
      readonly parameters: readonly Parameter[]
      readonly body: Block
      readonly isProperty: boolean
    }
  | { readonly kind: 'class'; readonly name: string; readonly bases: readonly Expression[]; readonly body: Block }
  /** `import a.b as c`: `from` is null; `from a import b as c`. */
  | {
      readonly kind: 'import'
      readonly from: string | null
      readonly names: readonly { readonly name: string; readonly as: string }[]
    }
  | { readonly kind: 'delete'; readonly targets: readonly Expression[] }
  /** `global names`, `nonlocal names` */
  | { readonly kind: 'global'; readonly names: readonly string[]; readonly isGlobal: boolean }
  /** What is not understood, and what it may set or change. */
  | { readonly kind: 'unread'; readonly what: string; readonly names: readonly string[] }
  | { readonly kind: 'raise' | 'break' | 'continue' | 'pass' }
)

export type Block = readonly Statement[]
