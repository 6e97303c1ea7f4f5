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
    case 'EBUSY':
      return 'it is in use, or another one is mounted over it'
    case 'EDQUOT':
      return 'the quota is used up'
    case 'EIO':
      return 'the disk has a fault'
    case 'ENOSPC':
      return 'there is no space left on the disk'
    case 'ENXIO':
      return 'nobody reads it, or there is no such device'
    case 'EROFS':
      return 'the disk may only be read'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
