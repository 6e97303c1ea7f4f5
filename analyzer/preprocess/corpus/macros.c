#define EXPORT __attribute__((visibility("default")))
#define NOTHING
#define NOTHING_OF(x)
#define INLINE static inline
#define CALL __stdcall
#define API(type) EXPORT type
#define API_ONLY(type) type
#define API_TWICE(type) type type
#define DATA(type) extern type
#define DATA_BARE extern
#define BEGIN_C extern "C" {
#define BEGIN_CXX extern "C++" {
#define END_C }
#define OPEN if (1) {
#define OPEN_OF(x) while (x) { do {
#define CLOSE } while (0); }
#define CLOSE_BOTH } }
#define TURN } else {
#define CHECK(x) if (!(x)) return NULL;
#define BLOCK { call(); }
#define CALLS call()
#define HEAD(type) PyVarObject_HEAD_INIT(type, 0)
#define FIELDS int a; int b;
#define GET(self) ((self)->field)
#define DOT(x, name) (x).name
#define SIZE(type) sizeof(type)
#define PASTE(a, b) a##b
#define PASTED(name) name##_Type, PyInit_##name, a##1##name, x ## y
#define VARARGS(format, ...) printf(format, ##__VA_ARGS__)
#define STRING(x) #x
#define DECLARE(type, name) type name; static type *get_##name(void)
#define DECLARES(name) PyTypeObject name
#define CALLER(function) function(1)
#define ALIAS other_name
#define NUMBER 1
#define WORDS (one + two(three))
#define LONG \
    first \
    second
# define SPACED(x) x
#define PARENTHESES (
#undef NUMBER
#define ATTRIBUTE_OF(x) __attribute__((x)) const
#define RESTRICT __restrict
