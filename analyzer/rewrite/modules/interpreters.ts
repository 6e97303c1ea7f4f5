import { allUsesOf } from '../../semantics/global-uses.ts'
import { globalVariables } from '../../semantics/global-variables.ts'
import { isDefinition } from '../../semantics/object-holders.ts'
import type { FileId } from '../../source/text.ts'
import type { Sources } from '../sources.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Headers of the standard libraries of C and C++: of their functions some, below, keep something for the process. */
const standard = words(`assert complex ctype errno fenv float inttypes iso646 limits math stdalign stdarg stdatomic
  stdbool stddef stdint stdio stdlib stdnoreturn string wchar wctype algorithm array bit bitset cassert cctype cerrno
  cfloat charconv cinttypes climits cmath cstdarg cstddef cstdint cstdio cstdlib cstring cwchar deque functional
  initializer_list iterator list map memory new numeric optional queue set span stack stdexcept string_view tuple
  type_traits unordered_map unordered_set utility variant vector`)

/** Headers of CPython's, besides those in `Python.h`. */
const ofPython = /^(?:Python|structmember|datetime|frameobject|marshal|pythread|structseq|pycapsule)\.h$/

/** Whether a header is one that comes with compilers or with Python. */
export const isEverywhere = (path: string): boolean => standard.has(path.replace(/\.h$/, '')) || ofPython.test(path)

/** Functions of theirs that do. */
const shared = words(`asctime ctime getenv gmtime localeconv localtime putenv rand setenv setlocale srand strerror
  strtok tmpnam`)

/** Why interpreters with GILs of their own may not import a module once its objects are in its state. */
export function reasonsAgainst(sources: Sources, files: readonly FileId[]): readonly string[] {
  const left = [...changedData(sources, files), ...staticsOfMacros(sources, files)]
  const libraries = librariesOf(sources, files)
  const isCxx = files.some((id) => sources.settings.isCxx(sources.model.files[id]!.file))
  const isLeft = left.length > 0 ? [`${left.map((each) => `\`${each}\``).join(', ')} stay for the whole process`] : []
  const uses = libraries.map((each) => `whether interpreters with GILs of their own may use ${each} is not known`)
  const ofCxx = isCxx ? ['what objects of C++ keep for the process is not known'] : []
  return [...isLeft, ...uses.slice(0, 1), ...ofCxx]
}

/** The names of variables that stay for the process, and are changed. */
export function changedData(sources: Sources, files: readonly FileId[]): readonly string[] {
  return globalVariables(sources.model, files)
    .filter(
      ({ file, holds, isConstant, isThreadLocal, type, span }) =>
        holds === 'data' &&
        !isConstant &&
        !isThreadLocal &&
        !isDefinition(type) &&
        !sources.isHistory({ file: sources.model.files[file]!.file, offset: span.start }),
    )
    .filter(
      (variable) =>
        /[:<]/.test(variable.type) ||
        allUsesOf(sources.model, variable).some(
          ({ how, file, offset }) =>
            how !== 'read' && !sources.isHistory({ file: sources.model.files[file]!.file, offset }),
        ),
    )
    .map(({ name }) => name)
}

/** Macros that may declare variables for the process. */
const staticsOfMacros = ({ model }: Sources, files: readonly FileId[]): readonly string[] =>
  files.flatMap((id) => {
    const { text } = model.project.code(id)
    return model.files[id]!.macros.flatMap(({ name, bodyStart, bodyEnd }) =>
      /\bstatic\b(?!\s+(?:inline|const)\b)[^()]*[;=]/.test(text.slice(bodyStart, bodyEnd)) ? [name] : [],
    )
  })

/** Headers of libraries, and functions of the standard ones, that may keep something for the process. */
function librariesOf({ model }: Sources, files: readonly FileId[]): readonly string[] {
  const found = new Set<string>()
  for (const id of files) {
    model.files[id]!.includes.forEach(({ path }, index) => {
      const isOwn = model.project.graph.targets[id]![index] != null
      if (!isOwn && !isEverywhere(path)) found.add(`\`${path}\``)
    })
    for (const name of shared)
      if (
        model.project
          .code(id)
          .occurrences(name)
          .some(({ isField, behind }) => !isField && behind === '(')
      )
        found.add(`\`${name}\``)
  }
  return [...found]
}
