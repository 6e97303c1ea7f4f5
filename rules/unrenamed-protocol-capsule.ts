import type { Rule } from '../analyzer/check/rule.ts'
import { capsulesOf } from '../analyzer/semantics/capsules.ts'
import { dlpackDestructor, dlpackUser, releaseWithoutTest } from '../analyzer/semantics/protocol-capsules.ts'

const producer = (
  body: string,
  name = 'dltensor',
): string => `typedef struct T { void (*deleter)(struct T *); } DLManagedTensor;
typedef struct S { void (*release)(struct S *); } ArrowSchema;
static void drop(PyObject *capsule)
{
${body}
}
PyObject *make(void *tensor) { return PyCapsule_New(tensor, "${name}", drop); }`

const consumer = (body: string): string => `typedef struct T { int n; void (*deleter)(struct T *); } DLManagedTensor;
PyObject *take(PyObject *self, PyObject *capsule)
{
    DLManagedTensor *tensor = PyCapsule_GetPointer(capsule, "dltensor");
    if (tensor == NULL)
        return NULL;
    int n = tensor->n;
${body}    return PyLong_FromLong(n);
}`

export const unrenamedProtocolCapsule: Rule = {
  name: 'unrenamed-protocol-capsule',
  summary: 'capsule of DLPack or Arrow that is freed by two, or by a destructor that does not look',
  explanation: `Who takes a tensor out of a capsule named \`dltensor\` owns it from then on, and calls its
\`deleter\`: to say so, it gives the capsule the name \`used_dltensor\` by \`PyCapsule_SetName\`. The destructor of
the capsule calls the \`deleter\` only if the name is still \`dltensor\`, which it asks by \`PyCapsule_IsValid\`:
\`PyCapsule_GetPointer\` raises an exception where the name is another one. For \`dltensor_versioned\` the name is
\`used_dltensor_versioned\`.

Capsules of Arrow keep their names: who takes what they hold sets \`release\` to \`NULL\`, and the destructor looks at
that.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: producer(`    DLManagedTensor *tensor = PyCapsule_GetPointer(capsule, "dltensor");
    if (tensor != NULL)
        tensor->deleter(tensor);`),
      reports: {
        at: '5:31 PyCapsule_GetPointer(capsule, "dltensor")',
        message: '`drop` does not look whether somebody has taken the tensor and renamed the capsule',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: producer(`    DLManagedTensor *tensor = PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule));
    tensor->deleter(tensor);`),
      reports: {
        at: '5:31 PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule))',
        message: '`drop` does not look whether somebody has taken the tensor and renamed the capsule',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: consumer('    tensor->deleter(tensor);\n'),
      reports: {
        at: '4:31 PyCapsule_GetPointer(capsule, "dltensor")',
        message: '`take` calls the `deleter` of the tensor, and so will the destructor of the capsule',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: consumer(''),
      reports: {
        at: '4:31 PyCapsule_GetPointer(capsule, "dltensor")',
        message: '`take` takes the tensor, and nobody renames the capsule to "used_dltensor"',
        severity: 'info',
        notes: ['right if the tensor is only looked at'],
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: producer(
        `    ArrowSchema *schema = PyCapsule_GetPointer(capsule, "arrow_schema");
    schema->release(schema);
    PyMem_Free(schema);`,
        'arrow_schema',
      ),
      reports: {
        at: '6:5 schema->release(schema)',
        message: '`drop` calls `release`, which is `NULL` where somebody has taken what the capsule holds',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: producer(`    if (!PyCapsule_IsValid(capsule, "dltensor"))
        return;
    DLManagedTensor *tensor = PyCapsule_GetPointer(capsule, "dltensor");
    tensor->deleter(tensor);`),
    },
    {
      kind: 'good',
      target: '3.9',
      code: `#include <string.h>
${producer(`    const char *name = PyCapsule_GetName(capsule);
    if (strcmp(name, "used_dltensor") == 0)
        return;
    DLManagedTensor *tensor = PyCapsule_GetPointer(capsule, name);
    tensor->deleter(tensor);`)}`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: consumer(
        `    if (PyCapsule_SetName(capsule, "used_dltensor") < 0)
        return NULL;
    tensor->deleter(tensor);
`,
      ),
    },
    {
      kind: 'good',
      target: '3.9',
      code: producer(
        `    ArrowSchema *schema = PyCapsule_GetPointer(capsule, "arrow_schema");
    if (schema->release != NULL)
        schema->release(schema);
    PyMem_Free(schema);`,
        'arrow_schema',
      ),
    },
  ],
  *check({ model }) {
    const { made, used } = capsulesOf(model)
    const told = new Set<number>()
    for (const { names, destructor, doubts } of made) {
      if (typeof destructor !== 'object' || told.has(destructor.code.span.start)) continue
      const { code, file } = destructor
      const found = names.some(isDlpack)
        ? dlpackDestructor(destructor)
        : names.some(isArrow)
          ? releaseWithoutTest(destructor)
          : null
      if (found === null) continue
      told.add(code.span.start)
      const isOfArrow = names.some(isArrow)
      yield {
        file,
        ...found.span,
        symbol: isOfArrow ? 'release' : 'PyCapsule_GetPointer',
        notes: doubts,
        message: isOfArrow
          ? `\`${code.name}\` calls \`release\`, which is \`NULL\` where somebody has taken what the capsule holds`
          : `\`${code.name}\` does not look whether somebody has taken the tensor and renamed the capsule`,
        advice: isOfArrow
          ? 'Compare `release` with `NULL` first.'
          : `Return where \`PyCapsule_IsValid(capsule, "${names.find(isDlpack)}")\` is 0.`,
      }
    }
    for (const each of used) {
      const name = each.names.find(isDlpack)
      const found = name === undefined ? null : dlpackUser(model, each)
      if (found === null) continue
      yield {
        file: each.file,
        ...each.call.span,
        macro: each.macro,
        symbol: each.called,
        ...(found === 'looks' ? { severity: 'info' } : {}),
        notes: [...each.doubts, ...(found === 'looks' ? ['right if the tensor is only looked at'] : [])],
        message:
          found === 'deletes'
            ? `\`${each.around.name}\` calls the \`deleter\` of the tensor, and so will the destructor of the capsule`
            : `\`${each.around.name}\` takes the tensor, and nobody renames the capsule to "used_${name}"`,
        advice: `Call \`PyCapsule_SetName(capsule, "used_${name}")\` once the tensor is taken.`,
      }
    }
  },
}

const isDlpack = (name: string): boolean => /^dltensor(?:_versioned)?$/.test(name)

const isArrow = (name: string): boolean => /^arrow_/.test(name)
