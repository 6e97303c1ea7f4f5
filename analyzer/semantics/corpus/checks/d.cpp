#include <boost/python/module.hpp>
struct derived : PyTypeObject { };
struct in : public PyObject { PyObject *o; };
void f() { auto t = new PyTypeObject(); PyTypeObject local = {0}; static PyTypeObject table[2]; PyTypeObject value(PyTypeObject by); }
