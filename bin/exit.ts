/** Exit codes, the same for every format. */
export const Exit = {
  /** Nothing at the severity that counts. */
  clean: 0,
  /** Findings. */
  findings: 1,
  /** A bad option or configuration, a path that is missing or cannot be read. */
  unusable: 2,
  /** A fault of the tool itself. */
  internal: 3,
} as const

/** Whether any of some problems or findings is an error. */
export const hasErrors = (list: readonly { readonly severity: string }[]): boolean =>
  list.some(({ severity }) => severity === 'error')

/** A mistake of the user's, or surroundings in which nothing can be done; its message is all that is shown. */
export class UsageError extends Error {}

/** What is wrong with a configuration: each line is a message of its own, which begins with its place. */
export class ConfigError extends UsageError {
  constructor(readonly lines: readonly string[]) {
    super(lines.join('; '))
  }
}
