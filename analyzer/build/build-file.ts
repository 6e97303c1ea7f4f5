/** A file that configures the build of the project. */
export interface BuildFile {
  readonly kind:
    | 'setup.py'
    | 'setup.cfg'
    | 'pyproject.toml'
    | 'meson.build'
    | 'meson.options'
    | 'CMakeLists.txt'
    | 'Cargo.toml'
  /** Relative to the project's root, with `/`. */
  readonly path: string
  /** With one character per byte. */
  readonly text: string
}
