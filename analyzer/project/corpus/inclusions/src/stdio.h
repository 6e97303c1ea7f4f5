#define STDIO_OF_OURS
