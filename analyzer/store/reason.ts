/** What the operating system says, without its codes and paths. */
export function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  switch (code) {
    case 'ENOENT':
      return 'there is no such file or directory'
    case 'ENOTDIR':
      return 'something in its path is no directory'
    case 'ENAMETOOLONG':
    // The current directory itself.
    case 'ERANGE':
      return 'its path is too long'
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open'
    case 'EACCES':
    case 'EPERM':
      return 'permission denied'
    case 'EISDIR':
      return 'it is a directory'
    case 'ELOOP':
      return 'its symbolic links go round in a circle'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
