/** Headers of the C library under their C++ names. */
const cxxNames: Readonly<Record<string, string>> = {
  'errno.h': 'cerrno',
  'stdio.h': 'cstdio',
  'stdlib.h': 'cstdlib',
  'ctype.h': 'cctype',
  'string.h': 'cstring',
}

/** Whether an include is that of a header of the C library. */
export const bringsHeader = (path: string, header: string): boolean =>
  path === header || path === cxxNames[header] || (header === 'string.h' && /^(?:memory|sys\/un)\.h$/.test(path))

const words = (text: string): string => text.trim().split(/\s+/).join('|')

const ofC =
  words(`assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg
  stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype`)

/** As glibc has them. */
const ofPosix = words(`strings unistd fcntl dirent pthread poll sys/stat sys/types sys/socket sys/time sys/wait
sys/mman sys/ioctl netinet/in arpa/inet netdb dlfcn pwd grp termios semaphore sched sys/resource sys/un sys/uio
sys/select sys/param getopt syslog libgen`)

const ofWindows = words('windows winsock winsock2 ws2tcpip io process direct')

const ofPython = `(?:[\\w.]+/)?(?:${words(`Python patchlevel pyconfig structmember datetime structseq marshal
longintrepr abstract py[a-z_]+
(?:bytes|bytearray|dict|float|frame|list|long|method|module|set|tuple|unicode|weakref)?object`)})`

const ofCxx =
  'c(?:assert|ctype|errno|float|limits|locale|math|setjmp|signal|stdarg|stddef|stdint|stdio|stdlib|string|time)'

/**
 * Headers that bring none of `errno.h`, `stdio.h`, `stdlib.h`, `string.h`, `ctype.h`, `unistd.h` with them. Those of
 * C++ without a `c` in front often do.
 */
export const harmlessHeaders: RegExp = new RegExp(`^(?:(?:${ofC}|${ofPosix}|${ofWindows}|${ofPython})\\.h|${ofCxx})$`)
