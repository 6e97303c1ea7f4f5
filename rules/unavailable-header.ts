import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { closedHeader, isInternalHeader } from '../analyzer/knowledge/python-headers.ts'
import { buildDoubts } from '../analyzer/semantics/calls.ts'
import { isDefinedBehindPython } from '../analyzer/semantics/python-include.ts'

export const unavailableHeader: Rule = {
  name: 'unavailable-header',
  summary: 'header of CPython that does not compile with the Limited API',
  explanation: `The headers \`internal/pycore_*.h\` are CPython's own: they change in every version, and half of them do
not compile with \`Py_LIMITED_API\`, from 3.13 on all but five, whether or not \`Py_BUILD_CORE\` is defined before
\`Python.h\`; where it is defined behind it, some fifty do. Those in
\`cpython/\` are parts of other headers, and say with an \`#error\` that they are not to be included. Headers like \`longintrepr.h\` went
there in 3.11, and are not found any more. Use what \`Python.h\` declares.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.11',
      code: '#define Py_BUILD_CORE 1\n#include <Python.h>\n#include <internal/pycore_frame.h>',
      reports: {
        at: '3:11 internal/pycore_frame.h',
        message: '`internal/pycore_frame.h` is a header of CPython alone and does not compile with `Py_LIMITED_API`',
      },
    },
    {
      kind: 'bad',
      target: '3.11',
      headers: '3.13',
      code: '#define Py_BUILD_CORE 1\n#include <Python.h>\n#include "internal/pycore_traceback.h"',
      reports: {
        at: '3:11 internal/pycore_traceback.h',
        message:
          '`internal/pycore_traceback.h` is a header of CPython alone and does not compile with `Py_LIMITED_API`',
      },
    },
    {
      kind: 'good',
      target: '3.11',
      headers: '3.11',
      code: '#define Py_BUILD_CORE 1\n#include <Python.h>\n#include <internal/pycore_traceback.h>',
    },
    {
      kind: 'good',
      target: '3.11',
      headers: '3.15',
      code: `#include <Python.h>
#define Py_BUILD_CORE
#include "internal/pycore_ucnhash.h"`,
    },
    {
      kind: 'bad',
      target: '3.11',
      headers: '3.15',
      code: `#include <Python.h>
#define Py_BUILD_CORE
#include "internal/pycore_runtime.h"`,
      reports: {
        at: '3:11 internal/pycore_runtime.h',
        message: '`internal/pycore_runtime.h` is a header of CPython alone and does not compile with `Py_LIMITED_API`',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: '#include <Python.h>\n#include <cpython/frameobject.h>',
      reports: {
        at: '2:11 cpython/frameobject.h',
        message: '`cpython/frameobject.h` is a part of another header and does not compile by itself',
      },
    },
    { kind: 'good', target: '3.12', code: '#include <Python.h>\n#include <frameobject.h>\n#include <structmember.h>' },
    {
      kind: 'good',
      target: '3.12',
      code: `#ifndef Py_LIMITED_API
#define Py_BUILD_CORE 1
#endif
#include <Python.h>
#ifndef Py_LIMITED_API
#include <internal/pycore_frame.h>
#include <cpython/frameobject.h>
#endif`,
    },
    { kind: 'good', target: '3.12', code: '#include <Python.h>\n#include <cpython/code.h>' },
    {
      kind: 'bad',
      target: '3.12',
      code: '#include <Python.h>\n#include <longintrepr.h>',
      reports: {
        at: '2:11 longintrepr.h',
        message: '`longintrepr.h` is not there any more from CPython 3.11 on',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: '#include <Python.h>\n#if PY_VERSION_HEX < 0x030B0000\n#include <longintrepr.h>\n#endif',
    },
  ],
  *check({ model, target }) {
    for (const [file, { includes }] of model.files.entries()) {
      for (const [index, { path, region, offset }] of includes.entries()) {
        const isCoreLate = (): boolean => isDefinedBehindPython(model, file, 'Py_BUILD_CORE', offset)
        const kind = closedHeader(path, target.headers, isInternalHeader(path) && isCoreLate())
        // The project's own header of that name.
        if (kind === null || model.project.graph.targets[file]![index] !== null) continue
        const compiled = model.active(file, region)
        if (compiled === 'no') continue
        const notes = buildDoubts(compiled)
        // The fact is where the directive begins.
        const start = model.project.code(file).text.indexOf(path, offset)
        yield {
          file,
          start,
          end: start + path.length,
          symbol: path,
          notes,
          ...(notes.length > 0 ? { severity: 'warning' as const } : {}),
          ...textOf(path, kind),
        }
      }
    }
  },
}

const textOf = (path: string, kind: 'internal' | 'partial' | 'moved'): Pick<Finding, 'message' | 'advice'> => {
  switch (kind) {
    case 'internal':
      return {
        message: `\`${path}\` is a header of CPython alone and does not compile with \`Py_LIMITED_API\``,
        advice: 'Use what `Python.h` declares; what is in this header changes with every version.',
      }
    case 'partial':
      return {
        message: `\`${path}\` is a part of another header and does not compile by itself`,
        advice: `Include \`${path.replace('cpython/', '')}\`, or \`Python.h\` alone.`,
      }
    case 'moved':
      return {
        message: `\`${path}\` is not there any more from CPython 3.11 on`,
        advice: 'Use what `Python.h` declares.',
      }
  }
}
