import { type Key, keys, overrideKeys } from './keys.ts'

const table = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

function section({ name, kind, summary, example, absent, flag, required }: Key, level: string): string {
  const lines = [
    `${level} \`${name}\``,
    '',
    summary,
    '',
    '| | |',
    '| --- | --- |',
    `| value | ${table(kind.what)} |`,
    required ? '| has to be there | yes |' : `| left out | ${table(absent)} |`,
    ...(flag === null ? [] : [`| flag | \`${flag}\` |`]),
    '',
    '```toml',
    example,
    '```',
    '',
  ]
  return lines.join('\n')
}

/** `docs/configuration.md`, made from the table of keys. */
export const configurationPage = (): string => `# Configuration

A project says how it is checked in \`abi3lint.toml\`, in \`.abi3lint.toml\`, or under \`[tool.abi3lint]\` in its
\`pyproject.toml\`; of several in one directory the first of these counts, and a warning names the others. The
closest one up from the first path of a run (without paths, from the current directory) owns the project, and counts for
the whole run. It is looked for up to the directory of the repository; outside of one, up to directories of other users and below the home
directory. Nothing is joined with it but what it names by \`extends\`.

What counts is what flags say, then the configuration, then what the build and the sources say, then what holds by
default. \`--config FILE\` takes that file, whose patterns are for names below the current directory then;
\`--isolated\` takes none.

| command | |
| --- | --- |
| \`abi3lint init\` | writes \`abi3lint.toml\`, and shows what to write for pre-commit and CI; \`--yes\` asks nothing |
| \`abi3lint config show [FILE]\` | what counts, for a file with its overrides, and where each value comes from |
| \`abi3lint config check [FILES]\` | whether configurations are right: exit code 2 if not |
| \`abi3lint config schema\` | a JSON Schema for editors; it is in the package, too: \`abi3lint/config.schema.json\` |
| \`abi3lint check --explain-target\` | what is checked for, and who says so |

A key that is not known, a value that will not do and a rule that there is not are mistakes, with exit code 2:

\`\`\`
error: abi3lint.toml:7:1: unknown key \`tagret\`; did you mean \`target\`?
\`\`\`

What somebody wrote and does nothing is a warning, with its line: a pattern that fits no file, where all of the
directory of the configuration was asked for; an \`exclude\` that leaves nothing to check; a table such as
\`[tool.abi3-lint]\`; a configuration in a directory below what is asked for. Nothing is said of patterns that a
configuration has for others, which go on from it, nor of what builds make, such as \`build/\`.

Patterns are those of a \`.gitignore\`: \`vendor/\` is a directory at any depth, \`/vendor/\` one at the top,
\`src/**/gen_*.c\` files at any depth below \`src\`. They are compared with names below the directory of the
configuration, never with what is above it.

How severe a rule is made counts for \`check\`, its fixes and its exit code; \`port\` leaves alone what is \`off\`.
\`targets\` and \`rewrite\` do what they are asked for. A rule that \`--select\` names by itself runs whatever is said here.

## With \`--staged\` and \`--diff-base\`

| | configuration | baseline |
| --- | --- | --- |
| \`--staged\` | that of the index, with all that it goes on from: as it will be committed. One that git does not have yet does not count, one that git ignores does | that of the index |
| \`--diff-base main\` | that of now, for both checks | that of now, for both |
| \`--config FILE\`, \`--baseline FILE\` | with \`--staged\` that file as it is in the index, or on the disk where git does not have it | the same; not with \`--diff-base\`, for which the nearest counts |

So with \`--diff-base\` nothing is new only because the configuration has changed: neither what a rule finds that runs
from now on, nor what is in files that are no longer excluded, nor what is more severe. Where neither it nor a flag says
the target, each of the two is checked for what its own build and sources say: a branch that lowers the level is told of
what breaks by that.

## Keys

${keys.map((key) => section(key, '###')).join('\n')}
## Keys of \`[[overrides]]\`

${overrideKeys.map((key) => section(key, '###')).join('\n')}`
