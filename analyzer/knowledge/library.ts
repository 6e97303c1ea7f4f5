import type { Minor } from './version.ts'

/**
 * Names of the C library that `Python.h` brings only below some level of the Limited API, with the header that has
 * them. Source: `Include/Python.h` of 3.11 to 3.15 (blocks `#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 < ...`).
 */
export interface LibraryHeader {
  readonly header: string
  /** From this level on `Python.h` does not include the header. */
  readonly goneAt: Minor
  /** The oldest headers that leave it out. */
  readonly inHeaders: Minor
  /** The newest headers that leave it out, where newer ones brought it back. */
  readonly lastInHeaders?: Minor
  readonly names: readonly string[]
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

export const libraryHeaders: readonly LibraryHeader[] = [
  {
    header: 'errno.h',
    goneAt: 11,
    inHeaders: 11,
    names: words(`errno E2BIG EACCES EADDRINUSE EAGAIN EALREADY EBADF EBUSY ECHILD ECONNABORTED ECONNREFUSED ECONNRESET
      EDEADLK EDOM EEXIST EFAULT EFBIG EHOSTUNREACH EIDRM EILSEQ EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR ELOOP
      EMFILE EMLINK EMSGSIZE ENAMETOOLONG ENFILE ENOBUFS ENODATA ENODEV ENOENT ENOEXEC ENOLCK ENOMEM ENOMSG ENOSPC
      ENOSYS ENOTCONN ENOTDIR ENOTEMPTY ENOTSOCK ENOTSUP ENOTTY ENXIO EOPNOTSUPP EOVERFLOW EPERM EPIPE EPROTO
      ERANGE EROFS ESHUTDOWN ESPIPE ESRCH ETIMEDOUT EWOULDBLOCK EXDEV`),
  },
  {
    header: 'stdio.h',
    goneAt: 11,
    inHeaders: 11,
    names:
      words(`FILE stdin stdout stderr EOF BUFSIZ fopen fclose fread fwrite fflush fseek ftell fputs fputc fgets fgetc
      fprintf printf sprintf snprintf vsnprintf vsprintf vfprintf sscanf fscanf puts putchar getchar perror fileno
      fdopen rewind setvbuf tmpfile`),
  },
  {
    header: 'stdlib.h',
    goneAt: 11,
    inHeaders: 11,
    names:
      words(`malloc calloc realloc free abort exit atoi atol atoll atof strtol strtoul strtoll strtoull strtod strtof
      getenv setenv qsort bsearch abs labs llabs rand srand RAND_MAX EXIT_SUCCESS EXIT_FAILURE mbstowcs wcstombs
      system atexit`),
  },
  {
    header: 'string.h',
    goneAt: 11,
    inHeaders: 11,
    lastInHeaders: 14,
    names: words(`memcpy memmove memset memcmp memchr strlen strcpy strncpy strcat strncat strcmp strncmp strchr strrchr
      strstr strdup strndup strnlen strerror strtok strtok_r strspn strcspn strpbrk`),
  },
  {
    header: 'ctype.h',
    goneAt: 13,
    inHeaders: 13,
    names: words(
      'isalnum isalpha isdigit isxdigit isspace isupper islower isprint ispunct iscntrl isgraph tolower toupper',
    ),
  },
  {
    header: 'unistd.h',
    goneAt: 13,
    inHeaders: 13,
    names:
      words(`close read write lseek fork getpid getppid getuid getgid geteuid getegid unlink access chdir getcwd pipe
      dup dup2 isatty sleep usleep ftruncate fsync readlink symlink rmdir sysconf _exit execv execve STDIN_FILENO
      STDOUT_FILENO STDERR_FILENO`),
  },
]
