import { showVersion, showVersionHex } from '../../knowledge/version.ts'
import type { BuildFile } from '../build-file.ts'
import { buildText } from '../build-text.ts'
import { moduleDefinitions } from '../module-definitions.ts'
import { type LimitedFile, type LimitRequest, untouched } from './limited-file.ts'

/**
 * What is to be done by hand where Bazel builds modules that are ready: whether their rule is that of rules_python does
 * not show in each file. Source: rules_python, `py_extension`, whose `py_limited_api` names the file and no more.
 */
export function limitBazel(file: BuildFile, { level, isReady }: LimitRequest): LimitedFile {
  const { code } = buildText(file)
  const open = moduleDefinitions(file).filter(
    (each) => isReady(each) && !/\bPy_LIMITED_API\b/.test(code.slice(each.start, each.end)),
  )
  if (open.length === 0) return untouched
  const message =
    `add \`local_defines = ["Py_LIMITED_API=${showVersionHex(level)}"]\` to the extension modules, and to those of ` +
    `the \`py_extension\` of rules_python \`py_limited_api = "${showVersion(level)}"\`, which names the file`
  return { ...untouched, byHand: [{ file, message }] }
}
