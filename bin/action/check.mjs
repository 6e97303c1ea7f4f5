// Runs `abi3lint check` for the action, from the root of the checkout: findings as lines, which a problem matcher makes
// annotations of, reports for code scanning and for a comment, and the summary of the job. It ends with 0 whatever is
// found: the exit code is an output, since the steps that tell of it come later.
import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const env = (name) => process.env[name] ?? ''

/** Words as a shell divides them, without anything that it would put in their place. */
function wordsOf(text) {
  const words = [...text.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word)
  const isWhole = text.replace(/"[^"]*"|'[^']*'/g, '').search(/["']/) < 0
  if (!isWhole) throw new Error(`a quote is not closed: ${JSON.stringify(text)}`)
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, (_, one, other) => one ?? other))
}

function output(name, value) {
  if (/[\r\n]/.test(value)) throw new Error(`${name} has to be one line`)
  appendFileSync(env('GITHUB_OUTPUT'), `${name}=${value}\n`)
}

/** What code scanning tells analyses from others by: `abi3lint/3.10+abi3t`. */
function categoryOf(sarif) {
  const { automationDetails } = JSON.parse(readFileSync(sarif, 'utf8')).runs[0]
  return automationDetails.id.replace(/\/$/, '')
}

function main() {
  const installed = join(env('RUNNER_TEMP'), 'abi3lint/node_modules/abi3lint')
  const reports = mkdtempSync(join(env('RUNNER_TEMP'), 'abi3lint-reports-'))
  const [sarif, markdown, annotations] = ['abi3lint.sarif', 'comment.md', 'annotations'].map((name) =>
    join(reports, name),
  )
  // The reports come last: what is wrong with the arguments is said of these.
  const words = [
    ...['check', ...wordsOf(env('ABI3LINT_ARGS'))],
    ...(env('ABI3LINT_BASELINE') === '' ? [] : ['--baseline', env('ABI3LINT_BASELINE')]),
    ...['-f', 'concise', '-f', `sarif=${sarif}`, '-f', `markdown=${markdown}`],
    // The format for annotations adds the summary of the job, too.
    ...['-f', `github=${annotations}`, '--', ...wordsOf(env('ABI3LINT_PATHS'))],
  ]
  const matcher = join(installed, 'dist/problem-matcher.json')
  process.stdout.write(`::add-matcher::${matcher}\n`)
  const { status, error } = spawnSync(
    process.execPath,
    [join(installed, 'dist/abi3lint.js'), '--color', 'never', ...words],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  )
  process.stdout.write('::remove-matcher owner=abi3lint::\n')
  if (error) throw error
  output('exit-code', String(status ?? 3))
  if (existsSync(sarif)) {
    output('sarif-file', sarif)
    output('category', env('ABI3LINT_CATEGORY') || categoryOf(sarif))
  }
  if (existsSync(markdown)) output('markdown-file', markdown)
}

try {
  main()
} catch (error) {
  process.stdout.write(`error: ${JSON.stringify(error.message)}\n`)
  process.exitCode = 2
}
