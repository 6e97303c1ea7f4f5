import { tablePointerAdvice } from '../analyzer/check/field-advice.ts'
import { at, limitedApi, unavailable } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'
import { asBase, withRoom } from '../analyzer/fix/base-structs.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import { asObject } from '../analyzer/fix/object-pointers.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import type { LiveUse } from '../analyzer/semantics/availability.ts'
import { whyDistinct } from '../analyzer/semantics/distinct-pointers.ts'

export const unavailableType: Rule = {
  name: 'unavailable-type',
  summary: 'type that the Limited API does not have',
  explanation: `The headers do not declare the type at all under \`Py_LIMITED_API\`: tables of slots such as
\`PyNumberMethods\`, the structs of concrete objects such as \`PyTupleObject\`, function types of fields that are
gone.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      code: 'static PyNumberMethods numbers;',
      reports: { at: '1:8 PyNumberMethods', message: 'the type `PyNumberMethods` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'PyTupleObject *f(PyObject *);',
      fixes: 'unsafe',
      fixed: 'PyObject *f(PyObject *);',
      reports: { at: '1:1 PyTupleObject', message: 'the type `PyTupleObject` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'struct spam { PyTupleObject base; };',
      reports: { at: '1:15 PyTupleObject', message: 'the type `PyTupleObject` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code:
        'typedef struct spam { PyUnicodeObject base; } Spam;\nstatic PyType_Slot spam_slots[] = {{0, NULL}};\n' +
        'static PyType_Spec spam_spec = {"m.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT, spam_slots};',
      fixes: 'unsafe',
      fixed:
        'typedef struct spam { PyObject base; } Spam;\nstatic PyType_Slot spam_slots[] = {{0, NULL}};\n' +
        'static PyType_Spec spam_spec = {"m.Spam", 0, 0, Py_TPFLAGS_DEFAULT, spam_slots};',
      reports: { at: '1:23 PyUnicodeObject', message: 'the type `PyUnicodeObject` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'typedef struct { PyListObject base; } Spam;\nstatic Spam spam;',
      reports: { at: '1:18 PyListObject', message: 'the type `PyListObject` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: `typedef struct {
    PyUnicodeObject base;
    PyObject *domain;
} Message;
PyObject *domain(PyObject *self) { return ((Message *)self)->domain; }
PyTypeObject *type(Message *self) { return Py_TYPE((PyObject *)&self->base); }
Py_ssize_t size(void) { return sizeof(Message); }`,
      fixed: `typedef struct {
    PepUnicodeObject base;
    PyObject *domain;
} Message;
PyObject *domain(PyObject *self) { return ((Message *)self)->domain; }
PyTypeObject *type(Message *self) { return Py_TYPE((PyObject *)&self->base); }
Py_ssize_t size(void) { return sizeof(Message); }`,
      reports: { at: '2:5 PyUnicodeObject', message: 'the type `PyUnicodeObject` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code:
        'typedef struct { PyFloatObject base; double factor; } Angle;\n' +
        'void set(Angle *angle, double value) { angle->base.ob_fval = value; }',
      reports: { at: '1:18 PyFloatObject', message: 'the type `PyFloatObject` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: `#include <stddef.h>
typedef struct { PyFloatObject f; int n; } Foo;
size_t at(void) { return offsetof(Foo, f.ob_fval); }`,
      reports: { at: '2:18 PyFloatObject', message: 'the type `PyFloatObject` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: `typedef struct { PyListObject list; int n; } Foo;
void *f(Foo *foo) { void *list = &foo->list; return list; }`,
      reports: { at: '1:18 PyListObject', message: 'the type `PyListObject` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'struct foo { PyFloatObject f; int n; } foo;',
      reports: { at: '1:14 PyFloatObject', message: 'the type `PyFloatObject` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: 'int f(int kind) { return (int)(enum PyUnicode_Kind)kind; }',
      reports: { at: '1:37 PyUnicode_Kind', message: 'the type `PyUnicode_Kind` is not in the Limited API' },
    },
    {
      kind: 'bad',
      target: '3.12',
      file: 'overloads.cpp',
      code: 'void f(PyObject *);\nvoid f(PyTupleObject *);',
      reports: {
        at: '2:8 PyTupleObject',
        message: 'the type `PyTupleObject` is not in the Limited API',
        notes: ['no fix makes `PyObject *` of `PyTupleObject *`: two overloads of `f` would be one'],
      },
    },
    { kind: 'good', target: '3.12', code: 'PyTypeObject *f(PyObject *);' },
    { kind: 'good', target: '3.12', code: 'enum PyUnicode_Kind { narrow, wide };' },
    {
      kind: 'good',
      target: '3.12',
      code:
        'void split(unsigned *sign, unsigned *digit);\nunsigned f(void) { unsigned sign, digit; split(&sign, ' +
        '&digit); return sign + digit; }',
    },
    { kind: 'good', target: '3.11', code: 'void f(Py_buffer *view);' },
  ],
  *check(context) {
    for (const live of unavailable(context, 'type')) {
      const { name, pointer } = live.use
      const why = pointer ? whyDistinct(context.model, name) : null
      const finding = at(live, context, `the type \`${name}\` is not in ${limitedApi(context)}`)
      const left = why === null ? [] : [`no fix makes \`PyObject *\` of \`${name} *\`: ${why}`]
      yield {
        ...finding,
        ...(pointer ? { advice: tablePointerAdvice(context, name) ?? finding.advice ?? '' } : {}),
        notes: [...(finding.notes ?? []), ...left],
        fix: context.wantsFixes ? (fixFor(context.model, live) ?? finding.fix ?? null) : null,
      }
    }
  },
}

const fixFor = (model: ProjectModel, live: LiveUse): Fix | null =>
  asObject(model, live) ?? asBase(model, live) ?? withRoom(model, live)
