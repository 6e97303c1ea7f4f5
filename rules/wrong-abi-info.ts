import type { CheckContext, Finding, Rule } from '../analyzer/check/rule.ts'
import { bodyValue } from '../analyzer/code/statements.ts'
import type { Value, Variable } from '../analyzer/code/tree.ts'
import { bare, calleeName, fieldValues } from '../analyzer/code/values.ts'
import { variablesOfTypes } from '../analyzer/code/variables.ts'
import { oldestPython, type Target } from '../analyzer/knowledge/target.ts'
import { finalVersionHex, showVersion, versionHex } from '../analyzer/knowledge/version.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { functionsOf } from '../analyzer/semantics/functions.ts'
import type { FileId } from '../analyzer/source/text.ts'

const exported = (info: string): string => `${info}
static PySlot spam_slots[] = {
    PySlot_STATIC_DATA(Py_mod_name, "spam"),
    PySlot_DATA(Py_mod_abi, &abi_info),
    PySlot_END
};
PyMODEXPORT_FUNC PyModExport_spam(void) { return spam_slots; }`

const both = 'PyABIInfo_STABLE | PyABIInfo_FREETHREADING_AGNOSTIC'

export const wrongAbiInfo: Rule = {
  name: 'wrong-abi-info',
  summary: '`PyABIInfo` written by hand that says something else than what is built',
  explanation: `By the \`PyABIInfo\` of a module Python decides whether it imports it. One that is written by hand does
not follow the build: a library for abi3t that says \`PyABIInfo_GIL\` alone is refused by Pythons without a GIL, one that
says \`PyABIInfo_FREETHREADED\` alone by those with one. Without \`PyABIInfo_STABLE\` only the version in
\`abi_version\` takes it, and with it none that is older. \`PyABIInfo_VAR(abi_info);\` declares one that is right in
every build.`,
  severity: 'error',
  effect: 'import-break',
  examples: () => [
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: exported('static PyABIInfo abi_info = {1, 0, PyABIInfo_STABLE | PyABIInfo_FREETHREADED, 0, 0x030F0000};'),
      reports: {
        at: '1:36 PyABIInfo_STABLE | PyABIInfo_FREETHREADED',
        message: '`abi_info` says that it needs a Python without a GIL: those with one refuse the import',
      },
      fixed: exported('static PyABIInfo abi_info = {1, 0, PyABIInfo_DEFAULT_FLAGS, 0, 0x030F0000};'),
      fixes: 'unsafe',
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: exported(`PyABIInfo abi_info = {
    .abiinfo_major_version = 1,
    .flags = PyABIInfo_STABLE | PyABIInfo_GIL,
    .abi_version = PyABIInfo_DEFAULT_ABI_VERSION,
};`),
      reports: {
        at: '3:14 PyABIInfo_STABLE | PyABIInfo_GIL',
        message: '`abi_info` says that it needs a GIL, and is built for abi3t: Pythons without one refuse the import',
      },
      fixed: exported(`PyABIInfo abi_info = {
    .abiinfo_major_version = 1,
    .flags = PyABIInfo_DEFAULT_FLAGS,
    .abi_version = PyABIInfo_DEFAULT_ABI_VERSION,
};`),
      fixes: 'unsafe',
    },
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: exported('static PyABIInfo abi_info = {1, 0, PyABIInfo_GIL, PY_VERSION_HEX, PY_VERSION_HEX};'),
      reports: {
        at: '1:36 PyABIInfo_GIL',
        message: '`abi_info` does not say `PyABIInfo_STABLE`: all Pythons but 3.15 refuse the import',
      },
      fixed: exported('static PyABIInfo abi_info = {1, 0, PyABIInfo_DEFAULT_FLAGS, PY_VERSION_HEX, PY_VERSION_HEX};'),
      fixes: 'unsafe',
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: exported(`static PyABIInfo abi_info = {1, 0, ${both}, 0, Py_PACK_VERSION(3, 16)};`),
      reports: {
        at: '1:92 Py_PACK_VERSION(3, 16)',
        message: '`abi_info` says that it is for 3.16: 3.15 refuses the import',
      },
      fixed: exported(`static PyABIInfo abi_info = {1, 0, ${both}, 0, PyABIInfo_DEFAULT_ABI_VERSION};`),
      fixes: 'unsafe',
    },
    {
      kind: 'bad',
      target: 'abi3t',
      compiler: 'silent',
      code: `#define SPAM_ABI (PyABIInfo_STABLE | PyABIInfo_GIL)
${exported('static PyABIInfo abi_info = {1, 0, SPAM_ABI, 0, 0x030F0000};')}`,
      reports: {
        at: '2:36 SPAM_ABI',
        message: '`abi_info` says that it needs a GIL, and is built for abi3t: Pythons without one refuse the import',
      },
    },
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: exported('static PyABIInfo abi_info = {2, 0, PyABIInfo_DEFAULT_FLAGS, 0, 0x030F0000};'),
      reports: {
        at: '1:30 2',
        message: '`abi_info` says that it is of version 2 of `PyABIInfo`: all Pythons of today refuse the import',
      },
    },
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: exported(
        'static PyABIInfo abi_info = {1, 0, PyABIInfo_STABLE | PyABIInfo_GIL | PyABIInfo_INTERNAL, 0, 0x030F0000};',
      ),
      reports: {
        at: '1:36 PyABIInfo_STABLE | PyABIInfo_GIL | PyABIInfo_INTERNAL',
        message: '`abi_info` says `PyABIInfo_INTERNAL`: all Pythons but the release in `abi_version` refuse the import',
      },
    },
    // Macros of the headers decide, which is what they are for.
    {
      kind: 'good',
      target: 'abi3t',
      code: exported(`static PyABIInfo abi_info = {1, 0, PyABIInfo_STABLE |
#ifdef Py_GIL_DISABLED
    PyABIInfo_FREETHREADING_AGNOSTIC
#else
    PyABIInfo_GIL
#endif
    , 0, 0x030F0000};`),
    },
    {
      kind: 'good',
      target: 'abi3t',
      code: exported('static PyABIInfo abi_info = {0, 0, PyABIInfo_GIL, 0, 0x030F0000};'),
    },
    { kind: 'good', target: 'abi3t', code: exported('PyABIInfo_VAR(abi_info);') },
    {
      kind: 'good',
      target: 'abi3t',
      code: exported(`static PyABIInfo abi_info = {1, 0, ${both}, PY_VERSION_HEX, 0x030F0000};`),
    },
    { kind: 'good', target: 'abi3t', code: exported('static PyABIInfo abi_info = {1, 0, 0, 0, 0};') },
    {
      kind: 'good',
      target: '3.15',
      code: exported('static PyABIInfo abi_info = {1, 0, PyABIInfo_DEFAULT_FLAGS, 0, PyABIInfo_DEFAULT_ABI_VERSION};'),
    },
    {
      kind: 'good',
      target: '3.15',
      code: exported('static PyABIInfo abi_info = {1, 0, PyABIInfo_STABLE | PyABIInfo_GIL, 0, 0x030E0000};'),
    },
  ],
  *check(context) {
    const { model, target } = context
    if (target.level < 15) return
    for (const file of model.files.keys()) {
      const code = model.project.code(file)
      if (!code.words.isIn('PyABIInfo')) continue
      for (const variable of variablesOfTypes(code, ['PyABIInfo'])) yield* faultIn(context, file, variable)
    }
  },
}

const fields = ['abiinfo_major_version', 'abiinfo_minor_version', 'flags', 'build_version', 'abi_version']
const stable = 1
const gil = 2
const freeThreaded = 4
const internal = 8

function* faultIn(context: CheckContext, file: FileId, variable: Variable): Iterable<Finding> {
  const { model } = context
  const { initialiser } = variable
  const compiled = compiledAt(model, file, variable.nameSpan.start)
  if (compiled === 'no' || initialiser?.kind !== 'braces' || initialiser.entries === null) return
  const values = fieldValues(fields, initialiser.entries)
  // A field that is not given is 0: Python does not look at it.
  const field = (name: string): Field => {
    const given = values.get(name) ?? []
    return given.length > 1
      ? { value: null, number: null }
      : { value: given[0] ?? null, number: given[0] ? numberOf(context, file, given[0]) : 0 }
  }
  const [major, flags, version] = [field('abiinfo_major_version'), field('flags'), field('abi_version')]
  const fault = faultOf(major.number, flags.number, version.number, context.target)
  if (fault === null) return
  const { macro } = fault
  const at = (macro === '' ? major : macro === versionMacro ? version : flags).value
  const doubts = buildDoubts(compiled)
  yield {
    file,
    ...(at ?? { span: variable.nameSpan }).span,
    symbol: 'PyABIInfo',
    notes: doubts,
    ...(doubts.length > 0 ? { severity: 'warning' } : {}),
    message: `\`${variable.name}\` ${fault.message}`,
    advice:
      `${macro === '' ? 'Declare' : `Write \`${macro}\`, or declare`} it by ` + `\`PyABIInfo_VAR(${variable.name});\`.`,
    fix:
      macro === '' || at === null
        ? null
        : {
            title: `write \`${macro}\``,
            safety: 'unsafe',
            reason: 'other builds say what they are, too',
            includes: [],
            shims: [],
            kind: 'file',
            rewrites: [{ start: at.span.start, end: at.span.end, pieces: [macro] }],
          },
  }
}

/** A field with what it is given, and the number that this is; null for none, and for one that is not known. */
interface Field {
  readonly value: Value | null
  readonly number: number | null
}

interface Fault {
  readonly message: string
  /** The macro that has what is right; empty for a fault of the version of the struct. */
  readonly macro: string
}

const flagsMacro = 'PyABIInfo_DEFAULT_FLAGS'
const versionMacro = 'PyABIInfo_DEFAULT_ABI_VERSION'

/**
 * What Python refuses, as `PyABIInfo_Check` does in Python/modsupport.c of 3.15, which was asked for each of these.
 * Numbers are null where they are not known.
 * @param major of the struct: with 0 nothing else is looked at
 */
function faultOf(major: number | null, flags: number | null, version: number | null, target: Target): Fault | null {
  if (major !== null && major > 1)
    return {
      message: `says that it is of version ${major} of \`PyABIInfo\`: all Pythons of today refuse the import`,
      macro: '',
    }
  if (major === 0 || flags === null) return null
  const threads = flags & (gil | freeThreaded)
  const said = (message: string): Fault => ({ message, macro: flagsMacro })
  if (threads === freeThreaded)
    return said('says that it needs a Python without a GIL: those with one refuse the import')
  if (target.abi3t && threads === gil)
    return said('says that it needs a GIL, and is built for abi3t: Pythons without one refuse the import')
  const minor = version === null ? null : (version >> 16) & 255
  if ((flags & stable) === 0) {
    const only = minor === null ? 'one' : showVersion(minor)
    const message = `does not say \`PyABIInfo_STABLE\`: all Pythons but ${only} refuse the import`
    return version === 0 ? null : said(message)
  }
  if ((flags & internal) !== 0 && version !== 0)
    return said('says `PyABIInfo_INTERNAL`: all Pythons but the release in `abi_version` refuse the import')
  const oldest = oldestPython(target)
  return minor !== null && minor > oldest
    ? {
        message: `says that it is for ${showVersion(minor)}: ${showVersion(oldest)} refuses the import`,
        macro: versionMacro,
      }
    : null
}

/** Macros of macros that are followed. */
const deepest = 8

/**
 * What a value is where it is a number, a macro for such, or a sum of both by `|`; null for others, and where
 * conditions stand in it.
 */
function numberOf(context: CheckContext, file: FileId, value: Value, depth = 0): number | null {
  const it = bare(value)
  switch (it.kind) {
    case 'literal': {
      const number = it.literal === 'number' ? Number(it.text.replace(/[uUlL]+$/, '')) : Number.NaN
      return Number.isSafeInteger(number) ? number : null
    }
    case 'name':
      return named(it.name, context.target) ?? macroNumber(context, file, it.name, depth)
    case 'binary': {
      if (it.operator !== '|' || context.model.project.code(file).holdsDirectives(it.span)) return null
      const [left, right] = [it.left, it.right].map((each) => numberOf(context, file, each, depth))
      return typeof left === 'number' && typeof right === 'number' ? left | right : null
    }
    case 'call': {
      if (!/^_?Py_PACK_(?:FULL_)?VERSION$/.test(calleeName(it) ?? '')) return null
      const [major, minor] = it.operands.slice(0, 2).map((each) => numberOf(context, file, each, depth))
      return major === 3 && typeof minor === 'number' ? versionHex(minor) : null
    }
    default:
      return null
  }
}

/** The number that a macro of the project stands for; null where there are several of that name. */
function macroNumber(context: CheckContext, file: FileId, name: string, depth: number): number | null {
  const [macro, ...others] = functionsOf(context.model).macrosNamed(file, name)
  if (macro === undefined || others.length > 0 || macro.code.parameters.length > 0 || depth > deepest) return null
  const body = bodyValue(macro.code)
  return body && numberOf(context, macro.file, body, depth + 1)
}

function named(name: string, target: Target): number | null {
  switch (name) {
    case 'PyABIInfo_STABLE':
      return stable
    case 'PyABIInfo_GIL':
      return gil
    case 'PyABIInfo_FREETHREADED':
      return freeThreaded
    case 'PyABIInfo_INTERNAL':
      return internal
    case 'PyABIInfo_FREETHREADING_AGNOSTIC':
      return gil | freeThreaded
    case 'PyABIInfo_DEFAULT_FLAGS':
      return stable | gil | (target.abi3t ? freeThreaded : 0)
    case 'PyABIInfo_DEFAULT_ABI_VERSION':
    case 'Py_LIMITED_API':
    case 'Py_TARGET_ABI3T':
      return versionHex(target.level)
    case 'PY_VERSION_HEX':
      return finalVersionHex(target.headers)
    default:
      return null
  }
}
