PyTypeObject *elsewhere;
typedef struct { PyTypeObject *type; } wrong_t;
static wrong_t wrong;
