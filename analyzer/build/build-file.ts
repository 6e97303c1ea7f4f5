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
    /** Of Bazel: what is in BUILD files and what they load, and the file of its workspace. */
    | 'BUILD.bazel'
  /** Relative to the project's root, with `/`. */
  readonly path: string
  /** With one character per byte. */
  readonly text: string
}
