/** Names of files that hold nothing but a configuration; of several in a directory the first one counts. */
export const configNames = ['abi3lint.toml', '.abi3lint.toml'] as const

/** The file in whose `[tool.abi3lint]` a configuration may stand, too. */
export const pyproject = 'pyproject.toml'
