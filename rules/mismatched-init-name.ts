import type { Rule } from '../analyzer/check/rule.ts'
import { entryPoint } from '../analyzer/project/init-functions.ts'
import { extensionsOf } from '../analyzer/semantics/modules.ts'

export const mismatchedInitName: Rule = {
  name: 'mismatched-init-name',
  summary: 'init function of another name than the module that the build makes',
  explanation: `For \`import spam\` Python looks for \`PyInit_spam\` in the library; of \`pkg.spam\` the last part
counts. Where the build calls the module \`spam\` and the source defines \`PyInit_spam_\` only, everything is compiled
and linked, and the import ends with \`ImportError: dynamic module does not define module export function\`.`,
  severity: 'warning',
  effect: 'import-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      setup: 'setup(ext_modules=[Extension("pkg.spam", ["example.c"])])',
      code: 'PyMODINIT_FUNC PyInit_spam_(void) { return NULL; }',
      reports: {
        at: '1:16 PyInit_spam_',
        message: '`setup.py` builds the module `pkg.spam`, whose init function would be `PyInit_spam`',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      setup: 'setup(ext_modules=[Extension(sources=["example.c"], name="pkg.spam")])',
      code: 'PyMODINIT_FUNC PyInit_spam(void) { return NULL; }',
    },
    {
      kind: 'good',
      target: '3.9',
      setup: 'setup(ext_modules=[Extension(prefix + "spam", ["example.c"])])',
      code: 'PyMODINIT_FUNC PyInit__spam(void) { return NULL; }',
    },
    {
      kind: 'good',
      target: '3.9',
      code: 'PyMODINIT_FUNC PyInit_spam(void) { return NULL; }',
    },
  ],
  *check({ model, buildFiles }) {
    const entries = model.files.flatMap(({ declarations }, file) =>
      declarations.flatMap(({ kind, defines, region, name, offset }) => {
        const module = kind === 'function' && defines ? entryPoint.exec(name)?.[1] : undefined
        return module === undefined || model.active(file, region) === 'no' ? [] : [{ file, module, name, offset }]
      }),
    )
    const reported = new Set<string>()
    for (const { name, sources, buildFile } of extensionsOf(model.project, buildFiles)) {
      const module = name.slice(name.lastIndexOf('.') + 1)
      const own = entries.filter(({ file }) => sources.includes(file))
      // A macro may make the name.
      const isPasted = sources.some((file) => /\bPy(?:Init|ModExport)_\s*##/.test(model.project.code(file).text))
      if (own.length === 0 || isPasted || entries.some((each) => each.module === module)) continue
      for (const { file, name: defined, offset } of own) {
        if (reported.has(`${file} ${offset}`)) continue
        reported.add(`${file} ${offset}`)
        const wanted = defined.replace(entryPoint, (all, found: string) => all.slice(0, -found.length) + module)
        yield {
          file,
          start: offset,
          end: offset + defined.length,
          symbol: defined,
          message: `\`${buildFile.path}\` builds the module \`${name}\`, whose init function would be \`${wanted}\``,
          advice: `Name the function \`${wanted}\`, or give the module another name where it is built.`,
        }
      }
    }
  },
}
