typedef PyTypeObject *EITHER;
