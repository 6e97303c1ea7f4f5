import { limitedApi } from '../analyzer/check/of-use.ts'
import type { Rule } from '../analyzer/check/rule.ts'

const guarded = (code: string): string => `#include <Python.h>
#ifndef PYTHONCAPI_COMPAT
#define PYTHONCAPI_COMPAT
${code}
#endif`

export const pythoncapiCompatHeader: Rule = {
  name: 'pythoncapi-compat-header',
  summary: 'copy of `pythoncapi_compat.h` that is not made for the Limited API',
  explanation: `\`pythoncapi_compat.h\` gives old headers the functions of newer ones. Up to its version of February 2026
it is for the full API alone: it asks \`PY_VERSION_HEX\` and not \`Py_LIMITED_API\` which functions are missing, uses
structs and functions that the Limited API lacks, and compilers refuse that, be it used or not; of some copies gcc before
14 only warns.
Later versions leave out what the Limited API lacks. Take the newest one from
<https://github.com/python/pythoncapi-compat>, or include the header in full builds alone and use the shims of
\`abi3lint shims\` in limited ones. What is found in the copy itself says why this one does not do.`,
  severity: 'warning',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      code: guarded(`static inline PyFrameObject *back(PyFrameObject *frame)
{
    return PyFrame_GetBack(frame);
}`),
      reports: {
        at: '3:9 PYTHONCAPI_COMPAT',
        message:
          'this copy of `pythoncapi_compat.h` is not made for the Limited API: it uses `PyFrame_GetBack`, which ' +
          'the Limited API lacks',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: guarded(`static inline PyObject *locals(PyFrameObject *frame) { return PyFrame_GetLocals(frame); }
static inline PyFrameObject *back(PyFrameObject *frame) { return PyFrame_GetBack(frame); }`),
      reports: {
        at: '3:9 PYTHONCAPI_COMPAT',
        message:
          'this copy of `pythoncapi_compat.h` is not made for the Limited API: it uses `PyFrame_GetLocals` and 1 ' +
          'more, which the Limited API lacks',
      },
    },
    { kind: 'good', target: '3.12', code: guarded('#define PyHASH_BITS _PyHASH_BITS\nint spam;') },
    {
      kind: 'good',
      target: '3.12',
      code: guarded(`#if !defined(Py_LIMITED_API)
static inline PyFrameObject *back(PyFrameObject *frame) { return PyFrame_GetBack(frame); }
#endif
static inline int same(PyObject *x, PyObject *y) { return x == y; }`),
    },
    {
      kind: 'good',
      target: '3.12',
      code: `#ifdef PYTHONCAPI_COMPAT
PyFrameObject *back(PyFrameObject *frame) { return PyFrame_GetBack(frame); }
#endif
int spam;`,
    },
  ],
  *check(context) {
    const { model } = context
    for (const [file, { macros }] of model.files.entries()) {
      const guard = macros.find(({ name }) => name === 'PYTHONCAPI_COMPAT')
      if (!guard || model.active(file, guard.region) === 'no') continue
      const lacking = context.uses.filter(
        (live) =>
          live.file === file &&
          // What a macro holds is compiled where it is used.
          live.use.macro < 0 &&
          live.doubts.length === 0 &&
          live.active === 'yes' &&
          /^(?:newer|never|withdrawn|removed)$/.test(live.status.kind),
      )
      const names = new Set(lacking.map(({ use }) => use.name))
      const [first] = names
      if (first === undefined) continue
      yield {
        file,
        start: guard.offset,
        end: guard.offset + guard.name.length,
        symbol: 'pythoncapi_compat.h',
        message:
          `this copy of \`pythoncapi_compat.h\` is not made for the Limited API: it uses \`${first}\`` +
          `${names.size > 1 ? ` and ${names.size - 1} more` : ''}, which ${limitedApi(context)} lacks`,
        advice: 'Take its newest version, or include it in full builds alone.',
      }
    }
  },
}
