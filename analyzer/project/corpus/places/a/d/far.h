typedef PyTypeObject *FAR;
