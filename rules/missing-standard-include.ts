import type { Rule } from '../analyzer/check/rule.ts'
import { headerOf, type Language, lastLevel } from '../analyzer/knowledge/c-library.ts'
import type { Target } from '../analyzer/knowledge/target.ts'
import { showVersion } from '../analyzer/knowledge/version.ts'
import { undeclaredLibraryUses } from '../analyzer/semantics/library-uses.ts'
import { bareName } from '../analyzer/semantics/names-of-others.ts'

export const missingStandardInclude: Rule = {
  name: 'missing-standard-include',
  summary: 'name of the C library whose header `Python.h` no longer includes at the target',
  explanation: `From level 3.11 on \`Python.h\` does not include \`errno.h\`, \`stdio.h\` and \`stdlib.h\`, from 3.13
on neither \`ctype.h\` nor \`unistd.h\`; the headers of 3.11 to 3.14 leave out \`string.h\`, too, and those of 3.13
and later \`time.h\` and \`sys/time.h\` at every level. Sources that relied on it stop compiling when the level is
raised: \`errno\` is undeclared, \`malloc\` implicitly declared. So do headers that use a name before the source
includes what declares it. Include what is used, above it.`,
  severity: 'error',
  effect: 'build-break',
  isOfFile: true,
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      code: 'int f(void) { return errno; }',
      reports: {
        at: '1:22 errno',
        message: '`errno` needs `<errno.h>`, which `Python.h` does not include from level 3.11 on',
      },
    },
    {
      kind: 'bad',
      target: '3.13',
      code: 'int f(int c) { return isdigit(c) + isdigit(c + 1); }',
      reports: {
        at: '1:23 isdigit',
        message: '`isdigit` needs `<ctype.h>`, which `Python.h` does not include from level 3.13 on',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      headers: '3.13',
      code: 'Py_ssize_t f(const char *s) { return (Py_ssize_t)strlen(s); }',
      reports: {
        at: '1:50 strlen',
        message: '`strlen` needs `<string.h>`, which `Python.h` does not include from level 3.11 on',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      headers: '3.13',
      code: 'void f(char *p) { memset(p, 0, 1); }\n#include <string.h>',
      fixed: '#include <Python.h>\n#include <string.h>\nvoid f(char *p) { memset(p, 0, 1); }\n#include <string.h>\n',
      reports: {
        at: '1:19 memset',
        message: '`memset` needs `<string.h>`, which `Python.h` does not include from level 3.11 on',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      code: 'double f(void) { return (double)time(NULL); }',
      reports: {
        at: '1:33 time',
        message: '`time` needs `<time.h>`, which `Python.h` of 3.15 does not include',
      },
    },
    {
      kind: 'good',
      target: '3.13',
      code: `struct reader { int (*read)(int); };
int f(struct reader *r, int index) { int time = r->read(index); return time; }`,
    },
    {
      kind: 'good',
      target: '3.13',
      file: 'spam.cpp',
      code: `#include <Python.h>
class Spam {
  int close() { return 0; }
  int done() { return close(); }
};
void *f() { return malloc(1); }`,
    },
    {
      kind: 'good',
      target: '3.12',
      headers: '3.15',
      code: 'Py_ssize_t f(const char *s) { return (Py_ssize_t)strlen(s); }',
    },
    { kind: 'good', target: '3.10', code: 'int f(void) { return errno; }' },
    { kind: 'good', target: '3.12', code: '#include <errno.h>\nint f(void) { return errno; }' },
    { kind: 'good', target: '3.12', headers: '3.15', code: 'int f(int c) { return isdigit(c); }' },
  ],
  *check({ model, target }) {
    const said = new Set<string>()
    const uses = [...undeclaredLibraryUses(model, target)].sort((a, b) => a.offset - b.offset)
    for (const { file, offset, name, by, macro, language, doubts } of uses) {
      const header = headerOf(name)
      // One header that is missing, one finding in a line.
      const line = `${file} ${model.project.code(file).text.lastIndexOf('\n', offset)} ${header}`
      if (said.has(line)) continue
      said.add(line)
      yield {
        file,
        start: offset,
        end: offset + (by ?? bareName(name)).length,
        symbol: name,
        macro,
        notes: doubts,
        ...(doubts.length > 0 ? { severity: 'warning' as const } : {}),
        message:
          `\`${name}\`${by === null ? '' : `, which the macro \`${by}\` uses,`} needs \`<${header}>\`, which ` +
          `\`Python.h\` ${sinceWhen(name, target, language)}`,
        advice: `Write \`#include <${header}>\`.`,
        fix: {
          title: `write \`#include <${header}>\``,
          safety: 'safe',
          reason: '',
          kind: 'file',
          rewrites: [],
          includes: [`<${header}>`],
          shims: [],
        },
      }
    }
  },
}

/** Since when `Python.h` does not give a name: a level, or these headers. */
function sinceWhen(name: string, { headers, level }: Target, language: Language): string {
  const last = lastLevel(name, headers, level, language)
  return last === null
    ? `of ${showVersion(headers)} does not include`
    : `does not include from level ${showVersion(last + 1)} on`
}
