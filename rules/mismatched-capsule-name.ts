import type { Finding, Rule } from '../analyzer/check/rule.ts'
import type { Value } from '../analyzer/code/tree.ts'
import { isNull, pointedName } from '../analyzer/code/values.ts'
import { similar } from '../analyzer/knowledge/similar.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { type CallIn, callsAndExpansionsOf } from '../analyzer/semantics/calls.ts'
import { type CapsuleMade, capsulesOf } from '../analyzer/semantics/capsules.ts'
import { Texts } from '../analyzer/semantics/texts.ts'

const spam = (made: string, wanted: string, before = ''): string => `${before}static double table[2];
PyObject *handle(PyObject *self, PyObject *none) { return PyCapsule_New(table, ${made}, NULL); }
void *behind(PyObject *capsule) { return PyCapsule_GetPointer(capsule, ${wanted}); }`

const exported = (name: string, attribute: string): string => `static double table[2];
int add_table(PyObject *module)
{
    return PyModule_AddObject(module, "${attribute}", PyCapsule_New(table, ${name}, NULL));
}`

export const mismatchedCapsuleName: Rule = {
  name: 'mismatched-capsule-name',
  summary: 'capsule that is asked for by another name than the one that it got, or whose name is gone',
  explanation: `\`PyCapsule_GetPointer\` and \`PyCapsule_Import\` compare the name that they get with that of the
capsule, letter by letter, and raise \`ValueError\` where they differ: that is what keeps a pointer of one kind from
being taken for another. Write the name once, in a macro, and use it in both places.

\`PyCapsule_Import("spam.table", 0)\` imports \`spam\`, takes its attribute \`table\`, and wants a capsule whose name
is the whole of that: the name of a capsule that others import ends with the attribute that it is stored under.

A capsule keeps the pointer to its name, no copy: an array or a \`std::string\` of the function that makes it is gone
when that returns. A string in quotes lives as long as the module.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spam('"spam.table"', '"spams.table"'),
      reports: {
        at: '3:72 "spams.table"',
        message: '`PyCapsule_GetPointer` asks for "spams.table", and the project names its capsule "spam.table"',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spam('NAME', '"spam.Table"', '#define NAME "spam.table"\n'),
      reports: {
        at: '4:72 "spam.Table"',
        message: '`PyCapsule_GetPointer` asks for "spam.Table", and the project names its capsule "spam.table"',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spam('"spam.table"', 'NULL'),
      reports: {
        at: '3:72 NULL',
        message: '`PyCapsule_GetPointer` asks for a capsule without a name, and the project names its own',
        severity: 'info',
        notes: ['right where the capsule is made by others'],
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `#include <stdlib.h>
static void destroy(PyObject *capsule) { free(PyCapsule_GetPointer(capsule, "handle")); }
PyObject *handle(PyObject *self, PyObject *none) { return PyCapsule_New(malloc(8), "spam.memory", destroy); }`,
      reports: {
        at: '2:77 "handle"',
        message: '`PyCapsule_GetPointer` asks for "handle", and the project names its capsule "spam.memory"',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: exported('"spam.Table"', 'table'),
      reports: {
        at: '4:69 "spam.Table"',
        message: 'the capsule is stored as `table`: `PyCapsule_Import("spam.Table", 0)` does not find it',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `${exported('"spam.Table"', 'table')}
void *behind(PyObject *capsule) { return PyCapsule_GetPointer(capsule, "spam.Table"); }`,
      reports: {
        at: '4:69 "spam.Table"',
        message: 'the capsule is stored as `table`: `PyCapsule_Import("spam.Table", 0)` does not find it',
        severity: 'info',
        notes: ['`PyCapsule_GetPointer` finds it by that name'],
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `#include <stdio.h>
static int table[2];
PyObject *handle(PyObject *self, PyObject *none)
{
    char name[20];
    snprintf(name, sizeof name, "spam.%d", table[0]);
    return PyCapsule_New(table, name, NULL);
}`,
      reports: {
        at: '7:33 name',
        message: 'the name of the capsule is in `name`, and gone when `handle` returns',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      file: 'example.cpp',
      code: `#include <Python.h>
#include <string>
static int table[2];
PyObject *handle(PyObject *self, PyObject *none)
{
    std::string name = "spam.";
    name += "table";
    return PyCapsule_New(table, name.c_str(), NULL);
}`,
      reports: {
        at: '8:33 name.c_str()',
        message: 'the name of the capsule is in `name`, and gone when `handle` returns',
      },
    },
    { kind: 'good', target: '3.9', code: exported('"spam.table"', 'table') },
    { kind: 'good', target: '3.9', code: exported('"table"', '_C_API') },
    {
      kind: 'good',
      target: '3.9',
      code: `#include <string.h>
static int table[2];
int add_table(PyObject *module, const char *encoding)
{
    char attribute[40] = "map_";
    strncat(attribute, encoding, 30);
    return PyModule_AddObject(module, attribute, PyCapsule_New(table, "spam.map", NULL));
}`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `#include <stdio.h>
static int table[2];
PyObject *handle(PyObject *self, PyObject *none)
{
    static char name[20];
    snprintf(name, sizeof name, "spam.%d", table[0]);
    return PyCapsule_New(table, name, NULL);
}`,
    },
    { kind: 'good', target: '3.9', code: spam('NAME', '"spam.table"', '#define NAME "spam.table"\n') },
    { kind: 'good', target: '3.9', code: spam('"spam.table"', '"dltensor"') },
    { kind: 'good', target: '3.9', code: spam('NULL', 'NULL') },
  ],
  *check({ model }) {
    for (const capsule of capsulesOf(model).made) {
      const found = goneName(capsule) ?? otherAttribute(model, capsule)
      if (found) yield found
    }
    const made = [...names(model, 'PyCapsule_New', 1), ...names(model, 'PyCapsule_SetName', 1)]
    const wanted = [...names(model, 'PyCapsule_GetPointer', 1), ...names(model, 'PyCapsule_IsValid', 1)]
    const imported = names(model, 'PyCapsule_Import', 0)
    const isMade = new Set(made.map(({ name }) => name))
    if (made.length === 0 || isMade.has(null)) return
    // What a destructor gets is the capsule that was made with it.
    const destroyed = new Map(
      made.flatMap(({ name, call: { call } }) => {
        const destructor = call.operands[2] ? pointedName(call.operands[2]) : null
        return name && destructor !== null ? [[destructor, name] as const] : []
      }),
    )
    const asked = new Set([...wanted, ...imported].map(({ name }) => name))
    // A name that nobody asks for is the one that was meant.
    const unasked = [...isMade].filter((name): name is string => name !== null && name !== '' && !asked.has(name))
    for (const { name, isOnly, operand, called, call } of [...wanted, ...imported]) {
      if (name === null || !isOnly || isMade.has(name)) continue
      const near = destroyed.get(call.around.name) ?? (name === '' ? undefined : likeliest(name, unasked))
      const meant = near ?? (name === '' && !isMade.has('') ? unasked[0] : undefined)
      if (meant === undefined) continue
      yield {
        file: call.file,
        ...operand.span,
        macro: call.macro,
        symbol: called,
        ...(near === undefined
          ? { severity: 'info', notes: [...call.doubts, 'right where the capsule is made by others'] }
          : { notes: call.doubts }),
        ...(name === ''
          ? {
              severity: 'info',
              message: `\`${called}\` asks for a capsule without a name, and the project names its own`,
            }
          : { message: `\`${called}\` asks for "${name}", and the project names its capsule "${meant}"` }),
        advice: 'Use one name, written once, where the capsule is made and where it is used.',
      }
    }
  },
}

/** A name in a variable that does not outlive its function. */
function goneName({ file, around, call, macro, doubts, nameOrigins, goals }: CapsuleMade): Finding | null {
  const gone = nameOrigins.find(({ kind }) => kind === 'automatic')
  const operand = call.operands[1]
  if (!gone || !operand || /^w?main$/.test(gone.code.name)) return null
  const [holder, variable] = [gone.code.name, gone.variable?.name ?? '']
  const isGiven = goals.some(({ kind }) => kind === 'returned' || kind === 'attribute')
  const isSure = gone.code === around && nameOrigins.length === 1 && isGiven
  const why = nameOrigins.length > 1 ? 'it may have another name' : 'right if nobody keeps the capsule'
  return {
    file,
    ...operand.span,
    macro,
    symbol: 'PyCapsule_New',
    severity: isSure ? 'warning' : 'info',
    notes: isSure ? doubts : [...doubts, why],
    message: `the name of the capsule is in \`${variable}\`, and gone when \`${holder}\` returns`,
    advice: 'Use a string in quotes, or memory that the destructor frees.',
  }
}

/** A capsule whose name is the path of another attribute than that which it is stored under. */
function otherAttribute(model: ProjectModel, { file, call, macro, doubts, names, goals }: CapsuleMade): Finding | null {
  const [name, ...others] = names
  const operand = call.operands[1]
  if (!name || others.length > 0 || !operand || !/^\w+(?:\.\w+)+$/.test(name)) return null
  const attributes = goals.flatMap((each) => (each.kind === 'attribute' ? each.names : []))
  const last = name.slice(name.lastIndexOf('.') + 1)
  const [attribute] = attributes
  if (attribute === undefined || attributes.includes(last)) return null
  // Whoever takes the attribute by other means may know the name.
  const isAsked =
    capsulesOf(model)
      .usedNamed.get(name)
      ?.some(({ called }) => called !== 'PyCapsule_Import') ?? false
  return {
    file,
    ...operand.span,
    macro,
    symbol: 'PyCapsule_New',
    ...(isAsked ? { severity: 'info' } : {}),
    notes: [...doubts, ...(isAsked ? ['`PyCapsule_GetPointer` finds it by that name'] : [])],
    message: `the capsule is stored as \`${attribute}\`: \`PyCapsule_Import("${name}", 0)\` does not find it`,
    advice: `Let its name end with \`.${attribute}\`.`,
  }
}

interface NamedCall {
  /** Empty for `NULL`; null where it is not known. */
  readonly name: string | null
  /** Whether it can be no other. */
  readonly isOnly: boolean
  /** The name as it is written. */
  readonly operand: Value
  readonly called: string
  readonly call: CallIn
}

/** The calls of a function that names capsules. @param parameter that of the name, from 0 */
function names(model: ProjectModel, name: string, parameter: number): NamedCall[] {
  const texts = new Texts(model)
  return [...callsAndExpansionsOf(model, name)].flatMap((call): NamedCall[] => {
    const operand = call.call.operands[parameter]
    if (!operand) return []
    const found = isNull(operand) ? [''] : [...new Set(texts.ofOperand(call, parameter).map(({ text }) => text))]
    // One of several may be meant, or it is not known.
    return (found.length === 0 ? [null] : found).map((text) => ({
      name: text,
      isOnly: found.length === 1,
      operand,
      called: name,
      call,
    }))
  })
}

/** The name that is spelled nearly like another, or ends with the same part. */
function likeliest(name: string, known: readonly string[]): string | undefined {
  const last = (text: string): string => text.slice(text.lastIndexOf('.') + 1)
  return (
    similar(name, known)[0] ??
    known.find((each) => name.includes('.') && each.includes('.') && last(each) === last(name))
  )
}
