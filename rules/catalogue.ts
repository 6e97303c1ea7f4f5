import { examplesOf } from '../analyzer/check/examples.ts'
import { rules } from './index.ts'

/**
 * What keeps code from the Limited API and the stable ABI, pattern by pattern, and which rule, rewrite or command tells
 * of it.
 */
export interface Pattern {
  /** What the pattern is about. */
  readonly section: string
  /** A rule of that name tells of it, where there is one. */
  readonly name: string
  /** The rules that tell of it; none where nothing does, or something else than a rule. */
  readonly rules: readonly string[]
  /** How else it is told of, or why it cannot be; empty where a rule says it all. */
  readonly note: string
  readonly answer: 'rule' | 'part' | 'command' | 'none'
}

type Answer = Pick<Pattern, 'rules' | 'note' | 'answer'>

/** The pattern is what the rule of its name is about. */
const own = 'rule'

/** It is a part of what other rules are about. */
const part = (note: string, ...names: readonly string[]): Answer => ({ rules: names, note, answer: 'part' })

/** A rewrite, a fix or a command sees to it. */
const command = (note: string): Answer => ({ rules: [], note, answer: 'command' })

/** It cannot be told from sources, or is no fault. */
const none = (note: string): Answer => ({ rules: [], note, answer: 'none' })

const sections: Readonly<Record<string, Readonly<Record<string, Answer | typeof own>>>> = {
  'Build configuration and headers': {
    'limited-api-after-include': own,
    'mismatched-limited-api': own,
    'suspicious-version-literal': own,
    'implicit-limited-api-level': own,
    'floating-limited-api-level': own,
    'invalid-abi3t-level': own,
    'version-hex-guard': own,
    'gil-disabled-guard': own,
    'debug-build-guard': own,
    'build-core-define': part(
      'the headers of CPython itself; the macro alone breaks nothing with the headers of 3.8 to 3.15',
      'unavailable-header',
    ),
    'unavailable-header': own,
    'missing-standard-include': own,
    'uncast-object-argument': own,
    'singleton-in-static-initializer': own,
    'hash-length-format': own,
    'unguarded-newer-function': own,
    'unguarded-newer-slot': own,
    'unguarded-newer-flag': own,
    'newer-in-python3-dll': own,
  },
  Availability: {
    'unavailable-function': own,
    'unavailable-data': own,
    'unavailable-type': own,
    'unavailable-macro': own,
    'newer-than-target': own,
    'accessor-macro-lvalue': own,
    'sequence-fast-access': part('`PySequence_Fast_GET_ITEM` and the like', 'unavailable-macro'),
    'borrowed-utf8-buffer': part('`PyUnicode_AsUTF8`', 'unavailable-function', 'newer-than-target'),
    'string-internals': part('`PyUnicode_KIND`, `PyUnicode_New`', 'unavailable-macro', 'unavailable-function'),
    'fast-call-function': part('`PyObject_CallOneArg`, vectorcall', 'unavailable-function', 'newer-than-target'),
    'private-name': own,
    'opaque-struct-member': own,
    'opaque-struct-size': own,
    'opaque-struct-base': part('a struct that begins with `PyListObject`', 'unavailable-type', 'opaque-struct-size'),
    'early-buffer-protocol': part('functions, slots and `Py_buffer` below level 3.11', 'newer-than-target'),
    'removed-from-headers': own,
    'abi-only-name': part(
      'what headers no longer have: declared by hand it works, as 3.9 to 3.15 export each of these names',
      'removed-from-headers',
      'hand-declared-api',
    ),
    'hand-declared-api': own,
    'soft-deprecated-api': own,
    'borrowed-reference-api': own,
    'error-swallowing-lookup': own,
  },
  'From static types to specs': {
    'static-type-object': own,
    'field-without-slot': command(
      '`tp_dictoffset` and other fields without a slot: `abi3lint rewrite types` makes members and flags of them',
    ),
    'static-type-reference': command('`abi3lint rewrite types` changes all uses of a type'),
    'lost-type-reference': own,
    'undotted-type-name': own,
    'temporary-type-name': own,
    'short-lived-type-table': own,
    'wrong-offset-member': own,
    'static-base-slot': own,
    'incomplete-vectorcall-type': own,
    'malformed-slot-table': own,
    'mismatched-slot-signature': own,
    'missing-basetype-flag': own,
    'extended-heap-type': part('`struct { PyHeapTypeObject super; }`', 'unavailable-type', 'opaque-struct-size'),
    'assigned-metaclass': own,
    'type-dict-write': part('`type->tp_dict`', 'opaque-struct-member'),
    'conflicting-base-layout': own,
    'repeated-type-creation': own,
    'late-type-doc': none('the address of `tp_doc` is not to be had; `opaque-struct-member` tells of who sets it'),
    'piecewise-type-setup': part(
      'fields that are set under conditions: why `rewrite types` leaves the type alone',
      'static-type-object',
    ),
  },
  'Heap types': {
    'missing-type-decref': own,
    'direct-instance-free': own,
    'object-new-on-heap-type': own,
    'unvisited-type': own,
    'heap-type-without-gc': part('told where the type has a `tp_traverse` or `tp_clear`', 'traverse-without-gc'),
    'impure-traverse': own,
    'accidental-constructor': own,
    'newly-mutable-type': own,
    'immutable-type-mutable-base': own,
    'inherited-dealloc': own,
    'weakref-clear-mismatch': own,
    'managed-dict-flag': part('`Py_TPFLAGS_MANAGED_DICT`', 'unavailable-constant'),
    'accidental-pickling': own,
    'missing-gc-untrack': own,
    'unvisited-member': own,
    'base-dealloc-chain': own,
    'unchecked-get-slot': own,
    'uncalled-finalizer': own,
    'shared-instance-cache': command('`abi3lint module` lists free lists and caches'),
    'redundant-type-attribute': own,
    'unowned-not-implemented': part('`Py_NotImplemented` that is returned without a reference', 'unowned-singleton'),
  },
  'Module initialisation': {
    'single-phase-init': own,
    'wrong-module-state-size': own,
    'exec-writes-global': own,
    'undeclared-module-support': own,
    'multiple-exec-slots': none('several `Py_mod_exec` slots: all are called, in their order'),
    'static-module-def': part('`PyModuleDef` for abi3t', 'opaque-struct-size'),
    'missing-abi-slot': own,
    'module-def-lookup': own,
    'malformed-module-def': own,
    'once-only-init': part('an init function that may run once: it is left alone', 'exec-writes-global'),
    'mismatched-init-name': own,
  },
  'Module state': {
    'static-python-object': own,
    'mutable-static-data': command('`abi3lint module` lists it, with who reads and writes it'),
    'mismatched-state-access': own,
    'find-module-state': own,
    'slot-without-defining-class': command('`abi3lint rewrite module` and `pep_state.h` give slots the state'),
    'one-sided-state-lookup': own,
    'state-lookup-in-hot-slot': own,
    'module-of-instance-type': own,
    'module-def-as-identity': none(
      'look-ups by definition where a module is imported twice: docs/pep-state.md says what happens',
    ),
    'unchecked-module-state': own,
    'incomplete-state-traverse': own,
    'borrowed-state-member': own,
    'misused-type-token': own,
    'unreleased-token-module': own,
    'per-interpreter-global': none('`PyInterpreterState_GetDict` instead of a variable: a way out, and no fault'),
    'stateless-callback': own,
    'direct-slot-call': own,
    'reimport-unsafe-module': part('what a second import meets', 'exec-writes-global', 'single-phase-init'),
  },
  Capsules: {
    'unversioned-capsule-table': own,
    'unchecked-capsule-version': own,
    'mismatched-capsule-name': own,
    'capsule-import-of-submodule': own,
    'cached-capsule-pointer': own,
    'unowned-capsule-payload': own,
    'python-objects-in-capsule': own,
    'function-table-by-module-name': part('the name of a definition that is compared', 'module-def-lookup'),
    'full-api-in-public-header': part('as in all headers that are read', 'opaque-struct-member', 'unavailable-type'),
    'changed-capsule-table': command('`abi3lint capi check`, against `capi.lock.json`'),
    'retargeted-capsule': own,
    'indexed-capsule-macro': own,
    'unrenamed-protocol-capsule': own,
  },
  abi3t: {
    'object-head-in-struct': part('`PyObject_HEAD`', 'unavailable-macro'),
    'absolute-basicsize': part('a struct with `PyObject_HEAD` has no size', 'unavailable-macro'),
    'instance-struct-cast': part('a struct with `PyObject_HEAD` cannot be cast to', 'unavailable-macro'),
    'absolute-member-offset': own,
    'var-sized-type': own,
    'object-header-write': part('`Py_SET_TYPE`, `ob_refcnt`', 'unavailable-macro', 'opaque-struct-member'),
    'malformed-pyslot': own,
    'wrong-abi-info': own,
    'const-slot-data': own,
    'early-api-in-export-hook': own,
    'undeclared-gil-use': own,
    'unended-critical-section': own,
    'buffer-in-object-memory': own,
    'unlocked-shared-state': command(
      '`abi3lint module` lists variables that there are once in a process, with who writes them; whether a lock ' +
        'is held there, by a caller or by the only thread, sources do not tell',
    ),
    'unchecked-type-data': own,
    'wrong-abi3t-tag': command('`abi3lint audit` compares tags of wheels with what is in them'),
    'item-data-access': part('`PyObject_GetItemData`', 'unavailable-function'),
    'absolute-builtin-base': part('`sizeof(PyListObject)`', 'unavailable-type', 'opaque-struct-size'),
  },
  Performance: {
    'string-loop-access': own,
    'item-loop-access': none(
      'a call for each item costs 3 ns; to make a tuple first, by `PySequence_Tuple`, costs more than it saves for ' +
        'lists and sequences in Python, and saves 0.5 ns an item for tuples (`npm run loop-cost:bench`)',
    ),
    'varargs-fallback': part(
      '`METH_FASTCALL` below level 3.10; what stands there instead costs a tuple, 1 to 5 ns of 20 for each call',
      'newer-than-target',
    ),
    'costly-floor': command('`abi3lint targets` says what a higher level frees'),
    'attribute-loop-access': own,
  },
  'Shims and headers of others': {
    'copied-cpython-struct': part('`sizeof(PyTypeObject)`; copies of structs are not looked at', 'opaque-struct-size'),
    'pythoncapi-compat-header': own,
    'faulty-shim': own,
    'shim-version-guard': own,
    'missing-shim': part('a name that a shim could give; fixes write them', 'undefined-shim'),
    'unavailable-third-party-header': own,
    'generated-source': own,
  },
}

/** All patterns, in the order of the page. */
export const catalogue: readonly Pattern[] = Object.entries(sections).flatMap(([section, patterns]) =>
  Object.entries(patterns).map(
    ([name, answer]): Pattern => ({
      section,
      name,
      ...(answer === own ? { rules: [name], note: '', answer: 'rule' } : answer),
    }),
  ),
)

/** The page on what keeps code from the Limited API and the stable ABI: `docs/catalogue.md`. */
export function cataloguePage(): string {
  const byName = new Map(rules.map((rule) => [rule.name, rule]))
  const row = ({ name, rules: named, note, answer }: Pattern): string => {
    const told = named.map((each) => byName.get(each)!)
    const effects = [...new Set(told.map(({ effect }) => effect.replaceAll('-', ' ')))].join(', ')
    const isFixed = told.some((rule) =>
      examplesOf(rule).some((each) => each.kind === 'bad' && each.fixed !== undefined),
    )
    const by = answer === 'rule' ? 'the rule of this name' : named.map(code).join(', ')
    const what = answer === 'rule' ? told[0]!.summary : note
    return `| ${[code(name), what, by, effects, isFixed ? 'yes' : ''].join(' | ')} |`
  }
  const names = new Set(catalogue.flatMap((pattern) => pattern.rules))
  const others = rules.filter(({ name }) => !names.has(name))
  const count = (answer: Pattern['answer']): number => catalogue.filter((each) => each.answer === answer).length
  return `# What keeps code from the Limited API and the stable ABI

${catalogue.length} patterns: of ${count('rule')} a rule of their name tells, ${count('part')} are parts of what rules are about, ${count('command')} are seen to by a
rewrite or another command, ${count('none')} are no fault or cannot be told from sources.

${[...new Set(catalogue.map(({ section }) => section))]
  .map(
    (section) => `## ${section}

| pattern | what | told by | effect | fix |
| --- | --- | --- | --- | --- |
${catalogue
  .filter((each) => each.section === section)
  .map(row)
  .join('\n')}
`,
  )
  .join('\n')}
## Rules on other things

${others.map(({ name, summary }) => `- ${code(name)}: ${summary}`).join('\n')}
`
}

const code = (name: string): string => `\`${name}\``
