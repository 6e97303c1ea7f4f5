typedef PyTypeObject *NEAR;
