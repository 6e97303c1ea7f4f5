import type { Finding, Rule } from '../analyzer/check/rule.ts'
import type { CType } from '../analyzer/knowledge/ctype.ts'
import { pointersIn } from '../analyzer/knowledge/object-sizes.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts } from '../analyzer/semantics/calls.ts'
import { shownType } from '../analyzer/semantics/heap-types.ts'
import { layoutOf, type StructLayout } from '../analyzer/semantics/struct-layouts.ts'
import { type GivenBase, givenBases } from '../analyzer/semantics/type-bases.ts'
import { sizeOf, structsOf } from '../analyzer/semantics/type-data.ts'
import type { HeapType } from '../analyzer/semantics/type-definition.ts'

const types = (fields: string, size = 'sizeof(Spam)', bases = '1, Base_Type'): string => `#include <Python.h>
typedef struct { PyObject_HEAD long count; PyObject *items; } Base;
typedef struct { ${fields} } Spam;
PyObject *Base_Type, *Other_Type;
static PyType_Slot slots[] = {{0, NULL}};
static PyType_Spec base_spec = {"spam.Base", sizeof(Base), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
static PyType_Spec other_spec = {"spam.Other", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
static PyType_Spec spam_spec = {"spam.Spam", ${size}, 0, Py_TPFLAGS_DEFAULT, slots};
PyObject *make(void)
{
    Base_Type = PyType_FromSpec(&base_spec);
    Other_Type = PyType_FromSpec(&other_spec);
    PyObject *bases = PyTuple_Pack(${bases});
    return PyType_FromSpecWithBases(&spam_spec, bases);
}`

export const conflictingBaseLayout: Rule = {
  name: 'conflicting-base-layout',
  summary: 'type whose struct does not begin with that of its base, or two bases with fields of their own',
  explanation: `Functions of a base find their fields in the instance where the struct of the base has them. The struct
of a subtype has to begin with it: \`typedef struct { Base base; int size; } Spam;\`. With \`PyObject_HEAD\` in its place
the fields of the two lie on top of each other.

Where the struct is smaller than that of the base, \`PyType_FromSpec\` fails from Python 3.12 on: \`TypeError:
tp_basicsize for type 'spam.Spam' (24) is too small for base 'spam.Base' (32)\`. Before, instances are too small, and
functions of the base write behind them.

Two bases with fields of their own have no struct that begins with both: \`TypeError: multiple bases have instance
lay-out conflict\`.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: types('PyObject_HEAD PyObject *name; long size; long color;'),
      reports: {
        at: '13:39 Base_Type',
        message:
          '`Spam`, of which `spam.Spam` is made, does not begin with `Base`: the fields of its base lie on top of ' +
          'its own',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: types('PyObject_HEAD long count;'),
      reports: {
        at: '13:39 Base_Type',
        message:
          '`Spam` is smaller than `Base`, the struct of the base of `spam.Spam`: `TypeError` from Python 3.12 on',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: types('PyObject_HEAD long count;', 'sizeof(PyObject)'),
      reports: {
        at: '13:39 Base_Type',
        message:
          '`PyObject` is smaller than `Base`, the struct of the base of `spam.Spam`: `TypeError` from Python 3.12 on',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: types('PyObject_HEAD void *name;', '0', '2, Base_Type, Other_Type'),
      reports: {
        at: '13:50 Other_Type',
        message: '`spam.Base` and `spam.Other` have fields of their own and cannot be bases of one type: `TypeError`',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: types('PyObject_HEAD long count;', 'sizeof(Spam)', '1, PyExc_ValueError'),
      reports: {
        at: '13:39 PyExc_ValueError',
        message: '`Spam`, of which `spam.Spam` is made, is smaller than what `PyExc_ValueError` keeps in an instance',
      },
    },
    { kind: 'good', target: '3.9', code: types('Base base; long size;') },
    {
      kind: 'good',
      target: '3.9',
      code: types(
        'PyObject_HEAD PyObject *d, *a, *n, *tb, *co, *ca; char s; long count;',
        'sizeof(Spam)',
        '1, PyExc_ValueError',
      ),
    },
    { kind: 'good', target: '3.9', code: types('PyObject_HEAD long count; PyObject *items; long size;') },
    { kind: 'good', target: '3.9', code: types('PyObject_HEAD signed long int n; PyObject *list; long size;') },
    { kind: 'good', target: '3.9', code: types('PyObject_HEAD long count;', '0') },
    { kind: 'good', target: '3.12', code: types('PyObject *name; long size;', '-(int)sizeof(Spam)') },
    { kind: 'good', target: '3.9', code: types('PyObject_HEAD', '0', '2, Other_Type, Base_Type') },
    {
      kind: 'good',
      target: '3.9',
      code: `#define BASE_FIELDS PyObject_HEAD long count; PyObject *items;\n${types('BASE_FIELDS long size;')}`,
    },
  ],
  *check({ model }) {
    const together = new Map<unknown, GivenBase[]>()
    for (const given of givenBases(model)) {
      if (model.active(given.type.file, given.region) === 'no') continue
      const finding = given.base ? structFinding(model, given, given.base) : sizeFinding(model, given)
      if (finding) yield finding
      if (given.base === null) continue
      if (given.together) together.set(given.together, [...(together.get(given.together) ?? []), given])
    }
    for (const all of together.values()) yield* conflicts(model, all)
  },
}

/** The struct of a type's instances and its layout; null where it has none of its own, or it is not known. */
function layoutIn(model: ProjectModel, type: HeapType): (StructLayout & { readonly struct: string }) | null {
  const [struct, ...others] = structsOf(type)
  if (sizeOf(model, type) !== 'whole' || struct === undefined || others.length > 0) return null
  const layout = layoutOf(model, type.file, struct)
  return layout && { ...layout, struct }
}

/** Whether what is laid out as one struct can be used as the other. */
function beginsWith(whole: StructLayout, head: StructLayout): boolean {
  if (whole.begins.includes(head.begins[0]!)) return true
  return head.fields.every(({ name, type }, index) => {
    const own = whole.fields[index]
    return own !== undefined && (own.name === name || plainNumber(own.type) === plainNumber(type))
  })
}

/** A type with one name for each kind of number: `long` for `signed long int`. */
const plainNumber = (type: CType): CType => {
  const words = type.split(' ')
  if (!words.every((each) => /^(?:un)?signed$|^(?:char|short|int|long)$/.test(each)) || words.includes('char'))
    return type
  const others = words.filter((each) => each !== 'signed' && each !== 'int')
  return others.length === 0 || others.join() === 'unsigned' ? [...others, 'int'].join(' ') : others.sort().join(' ')
}

function structFinding(model: ProjectModel, given: GivenBase, base: HeapType): Finding | null {
  const { type, span, region } = given
  const [own, head] = [layoutIn(model, type), layoutIn(model, base)]
  if (own === null || head === null || beginsWith(own, head)) return null
  const isSmall =
    own.fields.length < head.fields.length &&
    own.fields.every(({ type: each }, index) => plainNumber(each) === plainNumber(head.fields[index]!.type))
  return {
    file: type.file,
    ...span,
    symbol: own.struct,
    notes: buildDoubts(model.active(type.file, region)),
    message: isSmall
      ? `\`${own.struct}\` is smaller than \`${head.struct}\`, the struct of the base of ${shownType(type)}: ` +
        '`TypeError` from Python 3.12 on'
      : `\`${own.struct}\`, of which ${shownType(type)} is made, does not begin with \`${head.struct}\`: ` +
        'the fields of its base lie on top of its own',
    advice: `Let \`${own.struct}\` begin with a field of type \`${head.struct}\`.`,
  }
}

/** Of a base of CPython's, which structs of the project cannot begin with in the Limited API. */
function sizeFinding(model: ProjectModel, { type, text, span, region }: GivenBase): Finding | null {
  const struct = /^PyExc_\w+$/.test(text)
    ? 'PyBaseExceptionObject'
    : /^Py\w+_Type$/.test(text)
      ? text.replace(/_Type$/, 'Object')
      : ''
  const size = Object.hasOwn(pointersIn, struct) ? pointersIn[struct]! : 0
  const own = size === 0 ? null : layoutIn(model, type)
  // What Pythons of today keep differs by one pointer.
  if (own === null || !own.fields.slice(1).every(isScalar) || own.fields.length + 1 >= size - 1) return null
  return {
    file: type.file,
    ...span,
    symbol: own.struct,
    notes: buildDoubts(model.active(type.file, region)),
    message:
      `\`${own.struct}\`, of which ${shownType(type)} is made, is smaller than what \`${text}\` keeps in an ` +
      'instance',
    advice:
      'Give the type a size of 0 and keep its data in attributes, or, from level 3.12 on, add data to that of the ' +
      'base by a negative size and `PyObject_GetTypeData`.',
  }
}

/** Whether a field takes no more room than a pointer, as far as its type says. */
const isScalar = ({ type }: { readonly type: string }): boolean =>
  /\*$/.test(type) || /^(?:(?:un)?signed )?(?:char|short|int|long|long long|float|double|Py_ssize_t|size_t)$/.test(type)

/** Bases of one type of which none has the struct of the other. */
function* conflicts(model: ProjectModel, given: readonly GivenBase[]): Iterable<Finding> {
  for (const [index, { type, base, span, region }] of given.entries())
    for (const { base: earlier } of given.slice(0, index)) {
      const [one, other] = [earlier, base].map((each) => layoutIn(model, each!))
      if (!one || !other || isRelated(model, earlier!, base!)) continue
      if (one.fields.length < 2 || other.fields.length < 2) continue
      yield {
        file: type.file,
        ...span,
        symbol: other.struct,
        notes: buildDoubts(model.active(type.file, region)),
        message:
          `${shownType(earlier!)} and ${shownType(base!)} have fields of their own and cannot be bases of one ` +
          'type: `TypeError`',
        advice: 'Derive the type from one of them, and keep an object of the other.',
      }
    }
}

/** Whether one of two types may be derived from the other, or both from a third one. */
const isRelated = (model: ProjectModel, one: HeapType, other: HeapType): boolean =>
  one === other || givenBases(model).some(({ type }) => type === one || type === other)
